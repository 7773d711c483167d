/** A device that outlives its connections: its subscribers see one camera that is away for a while. */

import { EventEmitter } from 'node:events'
import type { ErrorCode } from '../errors.ts'
import { REPLACED } from '../wire/protocol2-frames.ts'
import type { CameraEvents } from './camera.ts'

/** What is needed of the connection of such a device. */
export interface DeviceConnection {
  readonly address: string
  readonly path: string
  readonly leftOutTexts: number
  send(text: string): Promise<void>
  pause(): void
  resume(): void
  end(code: ErrorCode, rule: string): void
  replaced(code: number, reason: string): void
}

export abstract class ReturningDevice<Line extends DeviceConnection> extends EventEmitter<CameraEvents> {
  /** The latest one, which may have ended. */
  #latest: Line
  /** undefined while it is away. */
  #connection: Line | undefined
  #isPaused = false
  #hasLeft = false

  /** @param first - Is heard once it is given to `take`. */
  constructor(first: Line) {
    super()
    this.#latest = first
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

  /** Rejects while it is away, and when the connection cannot take it. */
  async send(text: string): Promise<void> {
    if (!this.#connection) throw new Error('it is away')
    await this.#connection.send(text)
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

  protected get connection(): Line | undefined {
    return this.#connection
  }

  protected get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** This is its connection from now on. */
  protected take(connection: Line): void {
    this.#latest = connection
    this.#connection = connection
    if (this.#isPaused) connection.pause()
  }

  /** Its connection is no longer heard. */
  protected lose(): void {
    this.#connection = undefined
  }

  /** Its connection is no longer heard, and is closed with 4409: it has connected anew. */
  protected replace(reason: string): void {
    const before = this.#connection
    this.lose()
    before?.replaced(REPLACED, reason)
    if (before) this.emit('replaced')
  }
}
