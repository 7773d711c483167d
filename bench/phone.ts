/**
 * The load generator's phone: the protocol of docs/protocol.md over a bare TCP socket.
 *
 * Real phones mask on their own processors. Here every picture is masked once, before the measurement, with one key:
 * sending costs a header and a system call. To the server it is all the same.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { configurationOf, splitAccessUnits } from '../src/h264/split.ts'

/** Any key but zero; servers may treat that one apart. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const
/** WebSocket opcodes (RFC 6455, 5.2), with FIN set. */
const TEXT = 0x81
const BINARY = 0x82
const CLOSE = 0x88
/** Frame packet: uint64 capture time, uint32 sequence, uint32 payload length. */
const PACKET_HEADER_BYTES = 16
/** A server that does not end the connection after this long in ms has failed. */
const CLOSE_TIMEOUT_MS = 120_000

/** A packet ready to go but for its time and number. */
export interface Template {
  /** WebSocket header, mask, and the masked frame packet header with zeros for time and number. */
  head: Buffer
  /** Where the frame packet header begins in `head`. */
  packetAt: number
  /** The payload, masked. */
  body: Buffer
}

/** A stream as a phone sends it: configuration apart and first, pictures without parameter sets. */
export interface PhoneStream {
  configuration: Template
  pictures: Template[]
}

/** Makes templates of an Annex B stream that begins with its parameter sets. */
export function phoneStream(stream: Uint8Array): PhoneStream {
  const units = splitAccessUnits(stream).map(configurationOf)
  const first = units[0]
  if (!first || first.configuration.length === 0) throw new Error('the stream begins without parameter sets')
  return {
    configuration: template(first.configuration),
    pictures: units.map(({ picture }) => template(picture)),
  }
}

/** One camera's connection. */
export class Phone {
  /** The port that it connects from: a part of its id on the server. */
  readonly port: number
  readonly #socket: Socket
  readonly #failed: Promise<never>
  #sequence = 0
  /** Bytes of frame packets sent: headers and payloads. */
  bytes = 0
  pictures = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.localPort!
    this.#failed = new Promise((_, reject) => {
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the server ended the connection')))
    })
    this.#failed.catch(() => {})
    // What the server says is not listened to; unread it would fill the socket.
    socket.on('data', () => {})
  }

  static async connect(port: number): Promise<Phone> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    const key = randomBytes(16).toString('base64')
    const lines = ['GET /android-cam HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Upgrade: websocket']
    lines.push('Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13')
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    if (!String(answer).startsWith('HTTP/1.1 101')) throw new Error(`no WebSocket: ${answer}`)
    const phone = new Phone(socket)
    phone.say('ready')
    return phone
  }

  /** Bytes that the server has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  say(status: 'ready' | 'capture_started' | 'capture_stopped'): void {
    this.#socket.write(masked(TEXT, Buffer.from(JSON.stringify({ status, message: status }))))
  }

  /** Begins a capture: its numbers start at 0, its configuration comes first and at time 0. */
  begin({ configuration }: PhoneStream): void {
    this.say('capture_started')
    this.#sequence = 0
    this.#packet(configuration, 0)
  }

  /** @returns Whether the socket takes more at once; else wait for `drained`. */
  picture(picture: Template, captureMs: number): boolean {
    this.pictures += 1
    return this.#packet(picture, captureMs)
  }

  async drained(): Promise<void> {
    await Promise.race([once(this.#socket, 'drain'), this.#failed])
  }

  /**
   * Says goodbye and waits until the server has closed the connection.
   *
   * @param bare - The server reads no WebSocket: the end of the bytes is the goodbye.
   */
  async close(bare: boolean): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    const late = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS)
    if (bare) this.#socket.end()
    else this.#socket.write(masked(CLOSE, Buffer.from([0x03, 0xe8])))
    await ended
    clearTimeout(late)
  }

  #packet({ head, packetAt, body }: Template, captureMs: number): boolean {
    if (this.#socket.destroyed) throw new Error('the server ended the connection')
    const bytes = Buffer.from(head)
    patch(bytes, packetAt, Math.floor(captureMs / 2 ** 32))
    patch(bytes, packetAt + 4, captureMs % 2 ** 32)
    patch(bytes, packetAt + 8, this.#sequence)
    this.#sequence += 1
    this.bytes += PACKET_HEADER_BYTES + body.length
    this.#socket.cork()
    this.#socket.write(bytes)
    const takesMore = this.#socket.write(body)
    this.#socket.uncork()
    return takesMore
  }
}

function template(payload: Uint8Array): Template {
  const header = Buffer.alloc(PACKET_HEADER_BYTES)
  header.writeUInt32BE(payload.length, 12)
  const message = masked(BINARY, Buffer.concat([header, payload]))
  const packetAt = message.length - PACKET_HEADER_BYTES - payload.length
  const bodyAt = packetAt + PACKET_HEADER_BYTES
  return { head: message.subarray(0, bodyAt), packetAt, body: message.subarray(bodyAt) }
}

/** A whole WebSocket message in one frame (RFC 6455, 5.2 and 5.3). */
function masked(opcode: number, payload: Buffer): Buffer {
  const long = payload.length >= 65_536
  const head = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4)
  head[0] = opcode
  head[1] = 0x80 | (payload.length < 126 ? payload.length : long ? 127 : 126)
  if (long) head.writeBigUInt64BE(BigInt(payload.length), 2)
  else if (payload.length >= 126) head.writeUInt16BE(payload.length, 2)
  const bytes = Buffer.concat([head, Buffer.from(MASK), payload])
  for (let i = bytes.length - payload.length, k = 0; i < bytes.length; i += 1, k += 1)
    bytes[i] = bytes[i]! ^ MASK[k & 3]!
  return bytes
}

/** Puts a masked uint32 at a place that lies a multiple of four behind the mask. */
function patch(bytes: Buffer, at: number, value: number): void {
  bytes[at] = (value >>> 24) ^ MASK[0]
  bytes[at + 1] = (value >>> 16) ^ MASK[1]
  bytes[at + 2] = (value >>> 8) ^ MASK[2]
  bytes[at + 3] = value ^ MASK[3]
}
