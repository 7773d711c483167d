/**
 * One phone on one WebSocket: what it says, and how to speak to it.
 *
 * Knows nothing of recordings or viewers; the server subscribes them. What protocol 2 adds is in lasting-camera.ts.
 */

import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { type ErrorCode, ProtocolError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { type FramePacket, parseFramePacket } from '../wire/frame-packet.ts'
import { type CameraStatus, type Capabilities, parseCameraMessage } from '../wire/messages.ts'
import { type FromPhone2, parseFromPhone2 } from '../wire/protocol2.ts'
import { inMilliseconds, isPreview, setPreview } from '../wire/protocol2-frames.ts'
import { Allowance } from './allowance.ts'
import { Heartbeat } from './heartbeat.ts'

/** What a camera tells its subscribers. */
export interface CameraEvents {
  /** A frame packet, and the monotonic time in ms at which it came. */
  packet: [packet: FramePacket, arrivalMonotonicMs: number]
  /** The same, of protocol 2: for the live view alone, it comes again. */
  preview: [packet: FramePacket, arrivalMonotonicMs: number]
  /** A binary message that is no frame packet; it was dropped. */
  malformed: [error: ProtocolError]
  status: [status: CameraStatus]
  capabilities: [capabilities: Capabilities]
  /** Text that is no known message. */
  text: [text: string]
  /** It says more than is allowed: from here on texts that are no known message are left out. Comes once. */
  surplus: []
  /** The connection broke a rule and ends by it. */
  fault: [error: Error]
  /** A message of protocol 2 that is no status. */
  message2: [message: Exclude<FromPhone2, { status: string }>]
  /** Of a lasting camera: its connection was lost, and is there again. */
  away: []
  back: []
  /** The camera has gone, or its only connection has ended. Comes once, last. */
  closed: []
}

/** How many bytes may wait in a socket towards a camera: commands are small, a camera that reads none is dead. */
const MAX_SEND_BYTES = 1024 * 1024
/** Boards on this path speak only when they are spoken to. */
const QUIET_PATH = '/esp'
/** Close code of a peer that breaks a rule of the house (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008
/** Close code of a peer that said nothing; of the range for private use, and the end of HTTP's 408. */
const HELLO_MISSING = 4408

/** A camera as its subscribers know it: one connection of version 1, or a lasting one of version 2. */
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
  readonly leftOutTexts: number
  send(text: string): Promise<void>
  pause(): void
  resume(): void
  end(code: ErrorCode, rule: string): void
}

export interface CameraOptions {
  address: string
  port: number
  path: string
  /** Which version of the protocol it speaks. */
  protocol: 1 | 2
  clock: Clock
  /** Longer text is cut and counts as unknown. */
  maxTextBytes: number
  /** Of known messages more a second end the connection with 1008; other text beyond it is left out and counted. */
  maxTextsPerSecond: number
  /** Pings and pongs; more a second end the connection with 1008. */
  maxPingsPerSecond: number
  /** A connection that gives no sign of life for two of these, in ms, is ended. */
  heartbeatMs: number
  /** A connection that has said nothing for this long, in ms, is closed with 4408, but on the path of boards. */
  helloMs: number
  /** Bytes that have come on the connection so far. */
  bytesRead: () => number
}

export class Camera extends EventEmitter<CameraEvents> implements AnyCamera {
  /** `<ip>_<port>` of the connection; an IPv4-mapped address is written as IPv4. */
  readonly id: string
  readonly address: string
  /** Path of the URL that it connected to, without its query. */
  readonly path: string
  readonly format = 'h264'
  readonly ownName = null
  readonly isLasting = false
  model: string | undefined
  capabilities: Capabilities | undefined
  readonly #socket: WebSocket
  readonly #protocol: 1 | 2
  readonly #clock: Clock
  readonly #maxTextBytes: number
  readonly #maxTextsPerSecond: number
  readonly #messages: Allowance
  readonly #texts: Allowance
  readonly #heartbeat: Heartbeat
  readonly #hello: NodeJS.Timeout | undefined
  readonly #bytesRead: () => number
  /** Bytes that had come when the last whole message was there. */
  #bytesHeard: number
  #leftOutTexts = 0

  constructor(socket: WebSocket, options: CameraOptions) {
    super()
    const { clock, maxTextsPerSecond, maxPingsPerSecond, heartbeatMs, helloMs, bytesRead } = options
    this.address = plainAddress(options.address)
    this.id = `${this.address}_${options.port}`
    this.path = options.path
    this.#protocol = options.protocol
    this.#socket = socket
    this.#clock = clock
    this.#maxTextBytes = options.maxTextBytes
    this.#maxTextsPerSecond = maxTextsPerSecond
    this.#bytesRead = bytesRead
    this.#bytesHeard = bytesRead()
    this.#messages = new Allowance(maxTextsPerSecond, clock)
    this.#texts = new Allowance(maxTextsPerSecond, clock)
    this.#heartbeat = new Heartbeat({
      intervalMs: heartbeatMs,
      ping: () => this.#ping(),
      bytesRead,
      isPaused: () => socket.isPaused,
      onDead: () => this.#dead(2 * heartbeatMs),
    })
    if (this.path !== QUIET_PATH) this.#hello = setTimeout(() => this.#helloMissing(helloMs), helloMs)
    socket.on('message', (data: Buffer, isBinary) => {
      clearTimeout(this.#hello)
      this.#bytesHeard = bytesRead()
      // What comes in the same breath as the breach that ends the connection.
      if (socket.readyState !== socket.OPEN) return
      if (isBinary) this.#binary(data)
      else this.#text(data)
    })
    const pings = new Allowance(maxPingsPerSecond, clock)
    const pinged = () =>
      pings.take() || this.end('RATE_EXCEEDED', `more than ${maxPingsPerSecond} pings a second`)
    socket.on('ping', pinged)
    socket.on('pong', pinged)
    socket.on('error', (error) => this.emit('fault', error))
    socket.on('close', () => {
      clearTimeout(this.#hello)
      this.#heartbeat.stop()
      this.emit('closed')
    })
  }

  /** Texts that were left out because there were too many. */
  get leftOutTexts(): number {
    return this.#leftOutTexts
  }

  /** Bytes of a message that is not whole yet, about. */
  get halfBytes(): number {
    return this.#bytesRead() - this.#bytesHeard
  }

  /** Sends a command; rejects when the connection cannot take it. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== this.#socket.OPEN) reject(new Error('the connection is closing'))
      else if (this.#socket.bufferedAmount > MAX_SEND_BYTES)
        reject(new Error('it does not read what is sent to it'))
      else this.#socket.send(text, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Ends a connection that breaks a rule, with close code 1008; what it says from here on is not heard. */
  end(code: ErrorCode, rule: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.emit('fault', new ProtocolError(code, rule))
    this.#socket.close(POLICY_VIOLATION, rule)
  }

  /** Ends a connection at once, and gives free what it holds. */
  cut(code: ErrorCode, rule: string): void {
    this.emit('fault', new ProtocolError(code, rule))
    this.#socket.terminate()
  }

  /** Another connection has taken its place. */
  replaced(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  /** Stops reading: the phone's own queue takes over. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

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

  #text(data: Buffer): void {
    const text = data.toString('utf8', 0, this.#maxTextBytes)
    const isShort = data.length <= this.#maxTextBytes
    if (this.#protocol === 2) {
      this.#text2(text, isShort ? parseFromPhone2(text) : undefined)
      return
    }
    const message = isShort ? parseCameraMessage(text) : { kind: 'unknown' as const }
    if (message.kind === 'unknown') this.#unknown(text)
    else if (!this.#messages.take())
      this.end('RATE_EXCEEDED', `more than ${this.#maxTextsPerSecond} messages a second`)
    else if (message.kind === 'status') this.emit('status', message)
    else {
      this.capabilities = message.capabilities
      this.model = message.capabilities.deviceModel
      this.emit('capabilities', message.capabilities)
    }
  }

  #text2(text: string, message: FromPhone2 | undefined): void {
    if (!message) this.#unknown(text)
    else if (!this.#messages.take())
      this.end('RATE_EXCEEDED', `more than ${this.#maxTextsPerSecond} messages a second`)
    else if ('status' in message) this.emit('status', message)
    else this.emit('message2', message)
  }

  #unknown(text: string): void {
    if (this.#texts.take()) return void this.emit('text', text)
    this.#leftOutTexts += 1
    if (this.#leftOutTexts === 1) this.emit('surplus')
  }

  #ping(): void {
    const isOpen = this.#socket.readyState === this.#socket.OPEN
    if (isOpen && this.#socket.bufferedAmount <= MAX_SEND_BYTES) this.#socket.ping()
  }

  #dead(silentMs: number): void {
    this.cut('CAMERA_SILENT', `no sign of life for ${silentMs / 1000} s`)
  }

  #helloMissing(helloMs: number): void {
    const message = `it said nothing in its first ${helloMs / 1000} s`
    this.emit('fault', new ProtocolError('HELLO_MISSING', message))
    this.#socket.close(HELLO_MISSING, message)
  }
}

/** IPv4-mapped IPv6 addresses (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) as IPv4; others as they are. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
