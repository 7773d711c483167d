/**
 * One WebSocket of a device: its bounds, its signs of life, and how to speak to it.
 *
 * What its messages mean is for its hearer, which may be another one after the first message.
 */

import type { WebSocket } from 'ws'
import { type ErrorCode, ProtocolError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { Allowance } from './allowance.ts'
import { Heartbeat } from './heartbeat.ts'

/** Who is told what comes on a connection. */
export interface Hearer {
  binary(message: Buffer): void
  /** @param isWhole - Not when it was longer than `maxTextBytes`: then `text` is its beginning. */
  text(text: string, isWhole: boolean): void
  /** The connection broke a rule and ends by it. */
  fault(error: Error): void
  /** Texts are left out from here on. Comes once. */
  surplus(): void
  /** Comes once, last. */
  closed(): void
}

export interface ConnectionOptions {
  address: string
  port: number
  path: string
  clock: Clock
  /** Longer text is cut and counts as unknown. */
  maxTextBytes: number
  /** Of known messages more a second end the connection with 1008; other text beyond it is left out and counted. */
  maxTextsPerSecond: number
  /** Pings and pongs; more a second end the connection with 1008. */
  maxPingsPerSecond: number
  /** A connection that gives no sign of life for two of these, in ms, is ended. */
  heartbeatMs: number
  /** A connection that has said nothing for this long, in ms, is closed with 4408; undefined: it may be silent. */
  helloMs: number | undefined
  /** Bytes that have come on the connection so far. */
  bytesRead: () => number
}

/** How many bytes may wait in a socket towards a device: commands are small, a device that reads none is dead. */
const MAX_SEND_BYTES = 1024 * 1024
/** Close code of a peer that breaks a rule of the house (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008
/** Close code of a peer that said nothing; of the range for private use, and the end of HTTP's 408. */
const HELLO_MISSING = 4408

const NOBODY: Hearer = { binary() {}, text() {}, fault() {}, surplus() {}, closed() {} }

export class Connection {
  /** An IPv4-mapped address is written as IPv4. */
  readonly address: string
  readonly port: number
  /** Path of the URL that it connected to, without its query. */
  readonly path: string
  hearer: Hearer = NOBODY
  readonly #socket: WebSocket
  readonly #options: ConnectionOptions
  readonly #messages: Allowance
  readonly #texts: Allowance
  /** Bytes that had come when the last whole message was there. */
  #bytesHeard: number
  #leftOutTexts = 0

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { clock, maxTextBytes, maxTextsPerSecond, maxPingsPerSecond, heartbeatMs, helloMs, bytesRead } =
      options
    this.address = plainAddress(options.address)
    this.port = options.port
    this.path = options.path
    this.#socket = socket
    this.#options = options
    this.#bytesHeard = bytesRead()
    this.#messages = new Allowance(maxTextsPerSecond, clock)
    this.#texts = new Allowance(maxTextsPerSecond, clock)
    const heartbeat = new Heartbeat({
      intervalMs: heartbeatMs,
      ping: () => this.#ping(),
      bytesRead,
      isPaused: () => socket.isPaused,
      onDead: () => this.cut('CAMERA_SILENT', `no sign of life for ${(2 * heartbeatMs) / 1000} s`),
    })
    const hello = helloMs === undefined ? undefined : setTimeout(() => this.#helloMissing(helloMs), helloMs)
    socket.on('message', (data: Buffer, isBinary) => {
      clearTimeout(hello)
      this.#bytesHeard = bytesRead()
      // What comes in the same breath as the breach that ends the connection.
      if (socket.readyState !== socket.OPEN) return
      if (isBinary) this.hearer.binary(data)
      else this.hearer.text(data.toString('utf8', 0, maxTextBytes), data.length <= maxTextBytes)
    })
    const pings = new Allowance(maxPingsPerSecond, clock)
    const pinged = () =>
      pings.take() || this.end('RATE_EXCEEDED', `more than ${maxPingsPerSecond} pings a second`)
    socket.on('ping', pinged)
    socket.on('pong', pinged)
    socket.on('error', (error) => this.hearer.fault(error))
    socket.on('close', () => {
      clearTimeout(hello)
      heartbeat.stop()
      this.hearer.closed()
    })
  }

  get clock(): Clock {
    return this.#options.clock
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Texts that were left out because there were too many. */
  get leftOutTexts(): number {
    return this.#leftOutTexts
  }

  /** Bytes of a message that is not whole yet, about. */
  get halfBytes(): number {
    return this.#options.bytesRead() - this.#bytesHeard
  }

  /** Whether one more known message may come; the one too many ends the connection. */
  mayMessage(): boolean {
    if (this.#messages.take()) return true
    this.end('RATE_EXCEEDED', `more than ${this.#options.maxTextsPerSecond} messages a second`)
    return false
  }

  /** Whether one more text of another kind is heard; else it is counted. */
  mayText(): boolean {
    if (this.#texts.take()) return true
    this.#leftOutTexts += 1
    if (this.#leftOutTexts === 1) this.hearer.surplus()
    return false
  }

  /** Sends a command; rejects when the connection cannot take it. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) reject(new Error('the connection is closing'))
      else if (this.#socket.bufferedAmount > MAX_SEND_BYTES)
        reject(new Error('it does not read what is sent to it'))
      else this.#socket.send(text, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Ends a connection that breaks a rule, with close code 1008; what it says from here on is not heard. */
  end(code: ErrorCode, rule: string): void {
    if (!this.isOpen) return
    this.hearer.fault(new ProtocolError(code, rule))
    this.#socket.close(POLICY_VIOLATION, rule)
  }

  /** Ends a connection at once, and gives free what it holds. */
  cut(code: ErrorCode, rule: string): void {
    this.hearer.fault(new ProtocolError(code, rule))
    this.#socket.terminate()
  }

  /** Another connection has taken its place. */
  replaced(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  /** Resolves with whether it gives a sign of life within so many ms. */
  isAlive(withinMs: number): Promise<boolean> {
    const socket = this.#socket
    if (socket.isPaused || !this.isOpen) return Promise.resolve(this.isOpen)
    const { bytesRead } = this.#options
    const before = bytesRead()
    return new Promise((resolve) => {
      const look = () => {
        clearTimeout(timer)
        for (const event of ['pong', 'message', 'close']) socket.off(event, look)
        resolve(this.isOpen && bytesRead() !== before)
      }
      // After a time in which this process itself stood still, what came meanwhile is read first.
      const timer = setTimeout(() => setImmediate(look), withinMs)
      for (const event of ['pong', 'message', 'close']) socket.on(event, look)
      this.#ping()
    })
  }

  /** Stops reading: the device's own queue takes over. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  #ping(): void {
    if (this.isOpen && this.#socket.bufferedAmount <= MAX_SEND_BYTES) this.#socket.ping()
  }

  #helloMissing(helloMs: number): void {
    const message = `it said nothing in its first ${helloMs / 1000} s`
    this.hearer.fault(new ProtocolError('HELLO_MISSING', message))
    this.#socket.close(HELLO_MISSING, message)
  }
}

/** IPv4-mapped IPv6 addresses (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) as IPv4; others as they are. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
