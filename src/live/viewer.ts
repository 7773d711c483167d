/**
 * One viewer of one camera: what it is sent, and what it is not.
 *
 * It comes up from the kept pictures, one after the other as its socket takes them, then is sent each picture as it comes.
 * One that is behind is sent nothing until a keyframe comes and it is no longer behind.
 */

import type { WebSocket } from 'ws'
import type { Clock } from '../time.ts'
import type { LiveHello, LiveRequest } from '../wire/api/events.ts'
import type { KeptGroup } from './kept-group.ts'

/**
 * A ping goes behind a picture this often, in ms: its answer tells that the pictures before it have arrived. What waits in
 * the system's own buffers, megabytes of it, nothing else tells.
 */
const PING_MS = 500
/** A viewer whose answer takes longer than this, in ms, is behind. */
const MAX_LAG_MS = 2000
/** Other pings carry nothing. */
const PING_MARK = 'lag'

/** A picture's message, made when the first viewer wants it and shared by all. */
export interface SharedMessage {
  readonly isKeyframe: boolean
  plain(): Buffer
  /** The same, saying that pictures were left out before it. */
  skipped(): Buffer
}

export interface ViewerOptions {
  socket: Pick<WebSocket, 'readyState' | 'OPEN' | 'bufferedAmount' | 'send' | 'ping'>
  group: KeptGroup
  clock: Clock
  /** What the camera is now. */
  hello: () => LiveHello
  /** A viewer for whom more bytes wait is behind. */
  maxQueuedBytes: number
  /** Told of each picture that it was too slow for. */
  onSkipped: () => void
  /** Told of each picture that it could take and that is of no use to it: only a keyframe helps. */
  onWanting: () => void
}

/**
 * Why only a keyframe helps: it was sent nothing yet; pictures were left out that it did not ask for or that were not kept;
 * or it was too slow.
 */
type Waiting = 'new' | 'spared' | 'slow'

export class Viewer {
  readonly #options: ViewerOptions
  #pace: LiveRequest['pace'] = 'all'
  /** The kept picture that is next; undefined once it has come up. */
  #next: number | undefined = 0
  #waits: Waiting | undefined
  #isHelloDue = true
  /** When the ping went that is not answered, by the monotonic clock. */
  #unansweredMs: number | undefined
  /** Its answer takes too long. */
  #isLate = false
  #pingedMs: number

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#pingedMs = options.clock.monotonicMs()
    this.#sayHello()
    this.#comeUp()
  }

  /** Codec or size have changed: it is told before the next keyframe. */
  changed(): void {
    this.#isHelloDue = true
  }

  get pace(): LiveRequest['pace'] {
    return this.#pace
  }

  /** From the next picture on; from `keyframes` to `all` at the next keyframe. */
  set pace(pace: LiveRequest['pace']) {
    this.#pace = pace
  }

  /** It has answered a ping. */
  answered(mark: string): void {
    if (mark !== PING_MARK) return
    this.#unansweredMs = undefined
    this.#isLate = false
  }

  /**
   * The next picture has come.
   *
   * @returns Whether it was sent at once.
   */
  picture(message: SharedMessage): boolean {
    const { socket, onSkipped } = this.#options
    if (socket.readyState !== socket.OPEN) return false
    if (message.isKeyframe) {
      if (this.#next !== undefined && this.#next > 0) this.#waits = 'slow'
      this.#next = undefined
    } else if (this.#next !== undefined) {
      this.#comeUp()
      return false
    } else if (this.#pace === 'keyframes') {
      this.#waits ??= 'spared'
      return false
    }
    if (this.#isBehind) this.#waits = 'slow'
    else if (!this.#waits || message.isKeyframe) return this.#give(message)
    else this.#options.onWanting()
    if (this.#waits === 'slow') onSkipped()
    return false
  }

  #give(message: SharedMessage): true {
    if (message.isKeyframe && this.#isHelloDue) this.#sayHello()
    const isAfterSkipped = this.#waits !== undefined && this.#waits !== 'new'
    this.#send(isAfterSkipped ? message.skipped() : message.plain())
    this.#waits = undefined
    this.#ping()
    return true
  }

  /** Sends of the kept pictures what the socket takes. */
  #comeUp(): void {
    const { socket, group } = this.#options
    while (this.#next !== undefined && socket.readyState === socket.OPEN && !this.#isFull) {
      const isEnd = this.#next >= group.pictures
      if (isEnd || (this.#next > 0 && this.#pace === 'keyframes')) {
        // With pictures left out behind the last one that it was sent, or none sent at all, it needs a keyframe.
        if (this.#next === 0) this.#waits = 'new'
        else if (!isEnd || group.isCut) this.#waits = 'spared'
        this.#next = undefined
      } else {
        socket.send(group.copy(this.#next), () => this.#comeUp())
        this.#next += 1
      }
    }
  }

  get #isFull(): boolean {
    return this.#options.socket.bufferedAmount > this.#options.maxQueuedBytes
  }

  get #isBehind(): boolean {
    if (!this.#isLate) this.#lookForAnswer()
    return this.#isFull || this.#isLate
  }

  #lookForAnswer(): void {
    const sinceMs = this.#unansweredMs
    if (sinceMs === undefined || this.#options.clock.monotonicMs() - sinceMs <= MAX_LAG_MS) return
    // After a time in which this process itself stood still, what came meanwhile is read first.
    setImmediate(() => {
      if (this.#unansweredMs === sinceMs) this.#isLate = true
    })
  }

  #ping(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#unansweredMs !== undefined || nowMs - this.#pingedMs < PING_MS) return
    this.#unansweredMs = nowMs
    this.#pingedMs = nowMs
    this.#options.socket.ping(PING_MARK)
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
