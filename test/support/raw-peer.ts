/** A TCP connection that says whatever bytes it likes, WebSocket or not. */

import { connect, type Socket } from 'node:net'

const HANDSHAKE_END = '\r\n\r\n'

/** A request for a WebSocket as a phone sends it. */
export function handshakeText(path = '/android-cam'): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    HANDSHAKE_END.slice(2),
  ].join('\r\n')
}

/** A frame of a client (RFC 6455, 5.2): masked, by a mask of zeros. */
export function frame(opcode: number, payload: Uint8Array, options: { fin?: boolean } = {}): Buffer {
  const { length } = payload
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + size + 4)
  head[0] = (options.fin === false ? 0 : 0x80) | opcode
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127)
  if (size === 2) head.writeUInt16BE(length, 2)
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export class RawPeer {
  readonly socket: Socket
  /** Resolves when nothing more can come. */
  readonly ended: Promise<void>
  isOpen = true
  received = Buffer.alloc(0)
  #pings = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]).subarray(-4096)
    })
    socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.isOpen = false
        resolve()
      })
    })
  }

  static async connect(port: number, localAddress = '127.0.0.1'): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    const peer = new RawPeer(socket)
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), peer.ended])
    return peer
  }

  /** With the handshake behind it. */
  static async webSocket(port: number, localAddress?: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(port, localAddress)
    peer.write(handshakeText())
    await peer.until(() => peer.received.includes(HANDSHAKE_END))
    return peer
  }

  write(bytes: Uint8Array | string): void {
    if (this.socket.writable) this.socket.write(bytes)
  }

  /** Resolves when the server has read all that was written: it answers a ping, or has ended the connection. */
  async read(): Promise<void> {
    this.#pings += 1
    const mark = Buffer.alloc(8)
    mark.writeDoubleBE(this.#pings)
    this.write(frame(OPCODE.ping, mark))
    await this.until(() => this.received.includes(mark))
  }

  /** Resolves once it is so, or at the end of the connection. */
  async until(isSo: () => boolean): Promise<void> {
    while (this.isOpen && !isSo())
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.ended])
  }

  async end(): Promise<void> {
    this.socket.destroy()
    await this.ended
  }
}
