/**
 * One phone on one WebSocket: what it says, and how to speak to it.
 *
 * Knows nothing of recordings or viewers; the server subscribes them.
 */

import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { ProtocolError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { type FramePacket, parseFramePacket } from '../wire/frame-packet.ts'
import { type CameraStatus, type Capabilities, parseCameraMessage } from '../wire/messages.ts'

/** What a camera tells its subscribers. */
export interface CameraEvents {
  /** A frame packet, and the monotonic time in ms at which it came. */
  packet: [packet: FramePacket, arrivalMonotonicMs: number]
  /** A binary message that is no frame packet; it was dropped. */
  malformed: [error: ProtocolError]
  status: [status: CameraStatus]
  capabilities: [capabilities: Capabilities]
  /** Text that is no known message. */
  text: [text: string]
  /** The connection broke a rule and ends by it. */
  fault: [error: Error]
  /** The connection has ended. Comes once, last. */
  closed: []
}

/** How many bytes may wait in a socket towards a camera: commands are small, a camera that reads none is dead. */
const MAX_SEND_BYTES = 1024 * 1024

export class Camera extends EventEmitter<CameraEvents> {
  /** `<ip>_<port>` of the connection; an IPv4-mapped address is written as IPv4. */
  readonly id: string
  readonly address: string
  /** Path of the URL that it connected to, without its query. */
  readonly path: string
  model: string | undefined
  capabilities: Capabilities | undefined
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #maxTextBytes: number

  constructor(
    socket: WebSocket,
    options: { address: string; port: number; path: string; clock: Clock; maxTextBytes: number },
  ) {
    super()
    this.address = plainAddress(options.address)
    this.id = `${this.address}_${options.port}`
    this.path = options.path
    this.#socket = socket
    this.#clock = options.clock
    this.#maxTextBytes = options.maxTextBytes
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#binary(data)
      else this.#text(data)
    })
    socket.on('error', (error) => this.emit('fault', error))
    socket.on('close', () => this.emit('closed'))
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

  /** Stops reading: the phone's own queue takes over. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  #binary(message: Buffer): void {
    let packet: FramePacket
    try {
      packet = parseFramePacket(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.emit('malformed', error)
      return
    }
    this.emit('packet', packet, this.#clock.monotonicMs())
  }

  #text(data: Buffer): void {
    const text = data.toString('utf8', 0, this.#maxTextBytes)
    const message = data.length > this.#maxTextBytes ? { kind: 'unknown' as const } : parseCameraMessage(text)
    if (message.kind === 'status') this.emit('status', message)
    else if (message.kind === 'capabilities') {
      this.capabilities = message.capabilities
      this.model = message.capabilities.deviceModel
      this.emit('capabilities', message.capabilities)
    } else this.emit('text', text)
  }
}

/** IPv4-mapped IPv6 addresses (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) as IPv4; others as they are. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
