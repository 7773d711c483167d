/**
 * A camera that outlives its connections (protocol 2): it has an id of its own, and comes back.
 *
 * Its subscribers see one camera that is away for a while. What it says of captures is for them to answer.
 */

import { EventEmitter } from 'node:events'
import type { ErrorCode } from '../errors.ts'
import type { Clock } from '../time.ts'
import type { Clock2, Hello2, ToPhone2 } from '../wire/protocol2.ts'
import { REPLACED } from '../wire/protocol2-frames.ts'
import type { AnyCamera, Camera, CameraEvents } from './camera.ts'

/** What is passed on as it is. */
const PASSED_ON = ['packet', 'preview', 'malformed', 'status', 'text', 'surplus', 'fault'] as const

export interface LastingCameraOptions {
  hello: Hello2
  connection: Camera
  clock: Clock
}

export class LastingCamera extends EventEmitter<CameraEvents> implements AnyCamera {
  readonly id: string
  readonly format = 'h264'
  readonly isLasting = true
  readonly hasOwnId = true
  ownName: string | null = null
  model: string | undefined
  /** The take that its holder had stopped on the phone when it connected. */
  stopped: Hello2['stopped'] = null
  readonly #clock: Clock
  /** The latest one, which may have ended. */
  #latest: Camera
  /** undefined while it is away. */
  #connection: Camera | undefined
  #isPaused = false
  #hasLeft = false

  constructor({ hello, connection, clock }: LastingCameraOptions) {
    super()
    this.id = hello.id
    this.#clock = clock
    this.#latest = connection
    this.#take(hello, connection)
  }

  get address(): string {
    return this.#latest.address
  }

  get path(): string {
    return this.#latest.path
  }

  get leftOutTexts(): number {
    return this.#latest.leftOutTexts
  }

  get isAway(): boolean {
    return this.#connection === undefined
  }

  /** It has connected anew; a connection that is still there is closed with 4409. */
  connected(hello: Hello2, connection: Camera): void {
    const before = this.#connection
    if (before) {
      this.#letGo(before)
      before.replaced(REPLACED, 'another page has this camera now')
    }
    this.#take(hello, connection)
    this.emit('back')
  }

  /** Rejects while it is away, and when the connection cannot take it. */
  async send(text: string): Promise<void> {
    if (!this.#connection) throw new Error('the camera is away')
    await this.#connection.send(text)
  }

  /** Says something that needs no answer: when it is lost, so is the connection, and all is said anew. */
  say(message: ToPhone2): void {
    this.send(JSON.stringify(message)).catch(() => {})
  }

  pause(): void {
    this.#isPaused = true
    this.#connection?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#connection?.resume()
  }

  end(code: ErrorCode, rule: string): void {
    this.#connection?.end(code, rule)
  }

  /** It is waited for no longer. */
  leave(): void {
    if (this.#hasLeft || this.#connection) return
    this.#hasLeft = true
    this.emit('closed')
  }

  #take(hello: Hello2, connection: Camera): void {
    this.ownName = hello.name
    this.model = hello.model ?? undefined
    this.stopped = hello.stopped
    this.#latest = connection
    this.#connection = connection
    if (this.#isPaused) connection.pause()
    for (const name of PASSED_ON)
      connection.on(name, (...values: unknown[]) => {
        if (this.#connection === connection) this.emit(name, ...(values as never))
      })
    connection.on('message2', (message) => {
      if (this.#connection !== connection) return
      if (message.type === 'clock') this.#answerClock(message)
      // It is called otherwise now.
      else if (message.type === 'hello') this.ownName = message.name
      else this.emit('message2', message)
    })
    connection.once('closed', () => {
      if (this.#connection !== connection) return
      this.#letGo(connection)
      this.emit('away')
    })
  }

  #letGo(connection: Camera): void {
    if (this.#connection === connection) this.#connection = undefined
  }

  #answerClock({ phoneUs }: Clock2): void {
    const nowUs = Math.round(this.#clock.wallMs() * 1000)
    this.say({ type: 'clock', phoneUs, receivedUs: nowUs, sentUs: nowUs })
  }
}
