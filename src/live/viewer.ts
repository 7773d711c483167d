/**
 * One viewer of one camera: what it is sent, and what it is not.
 *
 * It comes up from the kept pictures, one after the other as its socket takes them, then is sent each picture as it comes.
 * When too much waits for it, it is sent nothing until the next keyframe.
 */

import type { WebSocket } from 'ws'
import type { LiveHello, LiveRequest } from '../wire/api/events.ts'
import type { KeptGroup } from './kept-group.ts'

/** A picture's message, made when the first viewer wants it and shared by all. */
export interface SharedMessage {
  readonly isKeyframe: boolean
  plain(): Buffer
  /** The same, saying that pictures were left out before it. */
  skipped(): Buffer
}

export interface ViewerOptions {
  socket: WebSocket
  group: KeptGroup
  /** What the camera is now. */
  hello: () => LiveHello
  maxQueuedBytes: number
  /** Told of each picture that it was too slow for. */
  onSkipped: () => void
}

export class Viewer {
  readonly #options: ViewerOptions
  #pace: LiveRequest['pace'] = 'all'
  /** The kept picture that is next; undefined once it has come up. */
  #next: number | undefined = 0
  /** It was not sent the picture before: only a keyframe helps. */
  #isWaiting = false
  /** There were pictures that it was not sent, and it was sent some before. */
  #missed = false
  #isHelloDue = true

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#sayHello()
    this.#comeUp()
  }

  /** Codec or size have changed: it is told before the next keyframe. */
  changed(): void {
    this.#isHelloDue = true
  }

  /** From the next picture on. */
  set pace(pace: LiveRequest['pace']) {
    this.#pace = pace
  }

  /**
   * The next picture has come.
   *
   * @returns Whether it was sent at once.
   */
  picture(message: SharedMessage): boolean {
    if (message.isKeyframe) return this.#keyframe(message)
    if (this.#next !== undefined) {
      this.#comeUp()
      return false
    }
    if (this.#pace === 'keyframes') {
      this.#wait()
      return false
    }
    if (!this.#isWaiting && !this.#isFull) {
      this.#send(message.plain())
      return true
    }
    this.#options.onSkipped()
    this.#wait()
    return false
  }

  #keyframe(message: SharedMessage): boolean {
    if (this.#next !== undefined && this.#next > 0) this.#missed = true
    this.#next = undefined
    if (this.#isFull) {
      this.#options.onSkipped()
      this.#wait()
      return false
    }
    if (this.#isHelloDue) this.#sayHello()
    this.#send(this.#missed ? message.skipped() : message.plain())
    this.#isWaiting = false
    this.#missed = false
    return true
  }

  /** Sends of the kept pictures what the socket takes. */
  #comeUp(): void {
    const { socket, group } = this.#options
    while (this.#next !== undefined && socket.readyState === socket.OPEN) {
      if (this.#next >= group.pictures) {
        if (group.isCut && this.#next > 0) this.#wait()
        else if (this.#next === 0) this.#isWaiting = true
        this.#next = undefined
      } else if (this.#next > 0 && this.#pace === 'keyframes') {
        this.#next = undefined
        this.#wait()
      } else {
        if (this.#isFull) return
        socket.send(group.copy(this.#next), () => this.#comeUp())
        this.#next += 1
      }
    }
  }

  #wait(): void {
    this.#isWaiting = true
    this.#missed = true
  }

  get #isFull(): boolean {
    return this.#options.socket.bufferedAmount > this.#options.maxQueuedBytes
  }

  #sayHello(): void {
    this.#isHelloDue = false
    this.#send(JSON.stringify(this.#options.hello()))
  }

  #send(message: Buffer | string): void {
    const { socket } = this.#options
    if (socket.readyState === socket.OPEN) socket.send(message)
  }
}
