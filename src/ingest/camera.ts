/**
 * One phone on one WebSocket: what it says, and how to speak to it.
 *
 * Knows nothing of recordings or viewers; the server subscribes them. What protocol 2 adds is in lasting-camera.ts.
 */

import { EventEmitter } from 'node:events'
import { type ErrorCode, ProtocolError } from '../errors.ts'
import type { Clock } from '../time.ts'
import type { BoardLine } from '../wire/board.ts'
import { type FramePacket, parseFramePacket } from '../wire/frame-packet.ts'
import { type CameraStatus, type Capabilities, parseCameraMessage } from '../wire/messages.ts'
import { type FromPhone2, parseFromPhone2 } from '../wire/protocol2.ts'
import { inMilliseconds, isPreview, setPreview } from '../wire/protocol2-frames.ts'
import type { Connection } from './connection.ts'

/** What a camera tells its subscribers. */
export interface CameraEvents {
  /** A frame packet, and the monotonic time in ms at which it came. */
  packet: [packet: FramePacket, arrivalMonotonicMs: number]
  /** The same, of protocol 2: for the live view alone, it comes again. */
  preview: [packet: FramePacket, arrivalMonotonicMs: number]
  /** A binary message that is no frame packet; it was dropped. */
  malformed: [error: ProtocolError]
  status: [status: CameraStatus]
  /** It said what it can, and with that its model. */
  capabilities: []
  /** Text that is no known message. */
  text: [text: string]
  /** Of a board: what it said, and what it was told. */
  line: [line: BoardLine]
  /** Of a board: somebody tells it something by hand, outside the commands of takes. */
  told: [text: string]
  /** Of a board: it captures no more, though nobody told it to stop. */
  idle: []
  /** It says more than is allowed: from here on texts that are no known message are left out. Comes once. */
  surplus: []
  /** The connection broke a rule and ends by it. */
  fault: [error: Error]
  /** A message of protocol 2 that is no status. */
  message2: [message: Exclude<FromPhone2, { status: string }>]
  /** Of a lasting camera or a board: it has connected anew while it still had a connection, which is ended. */
  replaced: []
  /** Of a lasting camera or a board: its connection was lost, and is there again. */
  away: []
  back: []
  /** The camera has gone, or its only connection has ended. Comes once, last. */
  closed: []
}

/** A camera as its subscribers know it: one connection of version 1, a lasting one of version 2, or a board. */
export interface AnyCamera extends EventEmitter<CameraEvents> {
  readonly id: string
  readonly address: string
  readonly path: string
  /** What its payloads hold: H.264, or one whole JPEG each. */
  readonly format: 'h264' | 'jpeg'
  readonly model: string | undefined
  /** What the person who holds it calls it; version 2 only. */
  readonly ownName: string | null
  /** It keeps what it sent until it is acknowledged. */
  readonly isLasting: boolean
  /** Its id is its own, wherever it connects from. */
  readonly hasOwnId: boolean
  readonly leftOutTexts: number
  send(text: string): Promise<void>
  /** Stops reading: what is sent waits with the device. */
  pause(): void
  resume(): void
  /** It is away, and waited for no longer. */
  leave(): void
  /** Ends a connection that breaks a rule, with close code 1008; what it says from here on is not heard. */
  end(code: ErrorCode, rule: string): void
}

export class Camera extends EventEmitter<CameraEvents> implements AnyCamera {
  /** `<ip>_<port>` of the connection. */
  readonly id: string
  readonly format = 'h264'
  readonly ownName = null
  readonly isLasting = false
  readonly hasOwnId = false
  /** What it said that it can; undefined until then. */
  #capabilities: Capabilities | undefined
  readonly #connection: Connection
  readonly #protocol: 1 | 2
  readonly #clock: Clock

  /** @param protocol - Which version of the protocol it speaks. */
  constructor(connection: Connection, protocol: 1 | 2) {
    super()
    this.id = `${connection.address}_${connection.port}`
    this.#connection = connection
    this.#protocol = protocol
    this.#clock = connection.clock
    connection.hearer = {
      binary: (message) => this.#binary(message),
      text: (text, isWhole) => this.#text(text, isWhole),
      fault: (error) => this.emit('fault', error),
      surplus: () => this.emit('surplus'),
      closed: () => this.emit('closed'),
    }
  }

  get address(): string {
    return this.#connection.address
  }

  get model(): string | undefined {
    return this.#capabilities?.deviceModel
  }

  get path(): string {
    return this.#connection.path
  }

  get leftOutTexts(): number {
    return this.#connection.leftOutTexts
  }

  /** Sends a command; rejects when the connection cannot take it. */
  send(text: string): Promise<void> {
    return this.#connection.send(text)
  }

  end(code: ErrorCode, rule: string): void {
    this.#connection.end(code, rule)
  }

  /** Another connection has taken its place. */
  replaced(code: number, reason: string): void {
    this.#connection.replaced(code, reason)
  }

  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  /** It is its connection: nobody waits for it. */
  leave(): void {}

  #binary(message: Buffer): void {
    let packet: FramePacket
    const forPreview = this.#protocol === 2 && isPreview(message)
    try {
      if (forPreview) setPreview(message, false)
      packet = parseFramePacket(message)
      if (this.#protocol === 2) packet = inMilliseconds(packet)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.emit('malformed', error)
      return
    }
    this.emit(forPreview ? 'preview' : 'packet', packet, this.#clock.monotonicMs())
  }

  #text(text: string, isWhole: boolean): void {
    if (this.#protocol === 2) {
      this.#text2(text, isWhole ? parseFromPhone2(text) : undefined)
      return
    }
    const message = isWhole ? parseCameraMessage(text) : { kind: 'unknown' as const }
    if (message.kind === 'unknown') this.#unknown(text)
    else if (!this.#connection.mayMessage()) return
    else if (message.kind === 'status') this.emit('status', message)
    else {
      this.#capabilities = message.capabilities
      this.emit('capabilities')
    }
  }

  #text2(text: string, message: FromPhone2 | undefined): void {
    if (!message) this.#unknown(text)
    else if (!this.#connection.mayMessage()) return
    else if ('status' in message) this.emit('status', message)
    else this.emit('message2', message)
  }

  #unknown(text: string): void {
    if (this.#connection.mayText()) this.emit('text', text)
  }
}
