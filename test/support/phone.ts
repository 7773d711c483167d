/** A phone as docs of the Android app describe it, written for the tests alone: it shares no code with Rollcall. */

import { WebSocket } from 'ws'

export interface SentPacket {
  captureMs: number
  sequence: number
  payload: Uint8Array
}

/** Connects, and speaks only when the test says so. */
export class TestPhone {
  readonly socket: WebSocket
  /** Texts that came from the server. */
  readonly received: string[] = []
  readonly sent: SentPacket[] = []
  sequence = 0
  /** Its id on the server: the address and port that it connects from. */
  id = ''
  #unanswered: { resolve: () => void; reject: () => void }[] = []

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data, isBinary) => !isBinary && this.received.push(String(data)))
    socket.on('pong', () => this.#unanswered.shift()?.resolve())
    socket.on('close', () => {
      for (const { reject } of this.#unanswered.splice(0)) reject()
    })
    socket.on('error', () => {})
  }

  /** @param first - Is said first, and nothing else. Left out: `ready` and capabilities, as the app says them. */
  static async connect(port: number, path = '/android-cam', first?: string): Promise<TestPhone> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    const phone = new TestPhone(socket)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const { localPort } = (socket as unknown as { _socket: { localPort: number } })._socket
    phone.id = `127.0.0.1_${localPort}`
    if (first !== undefined) {
      phone.text(first)
      return phone
    }
    phone.status('ready', 'Client is ready to stream')
    const resolutions = [{ width: 1280, height: 720, format: 'YUV_420_888', lensFacing: 'back' }]
    const imageAnalysisResolution = { width: 1280, height: 720 }
    phone.text({
      type: 'capabilities',
      deviceModel: 'Pixel 6a',
      sdkInt: 35,
      resolutions,
      imageAnalysisResolution,
    })
    return phone
  }

  text(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  status(status: string, message?: string): void {
    this.text({ status, message })
  }

  /** Sends bytes as they are. */
  binary(bytes: Uint8Array): void {
    this.socket.send(bytes)
  }

  packet(captureMs: number, payload: Uint8Array, sequence = this.sequence): void {
    const header = Buffer.alloc(16)
    header.writeBigUInt64BE(BigInt(captureMs), 0)
    header.writeUInt32BE(sequence, 8)
    header.writeUInt32BE(payload.length, 12)
    this.sequence = (sequence + 1) >>> 0
    this.sent.push({ captureMs, sequence, payload })
    this.binary(Buffer.concat([header, payload]))
  }

  /** Resolves when the server has sent this command. */
  async command(name: string): Promise<{ command: string; payload?: Record<string, unknown> }> {
    const find = () => this.received.map((text) => JSON.parse(text)).find(({ command }) => command === name)
    while (!find()) await new Promise((resolve) => this.socket.once('message', resolve))
    return find()
  }

  /** Resolves when the server has read all that was sent so far: it answers pings in order. */
  acknowledged(): Promise<void> {
    const { socket } = this
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the connection ended before the server answered'))
      if (socket.readyState !== WebSocket.OPEN) return ended()
      this.#unanswered.push({ resolve, reject: ended })
      socket.ping()
    })
  }

  /** Ends the connection as the app does, and waits for it. */
  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.close()
    await closed
  }
}

/** Splits the leading SPS and PPS off a first access unit, as encoders hand them out apart. */
export function configurationApart(first: Uint8Array): { configuration: Uint8Array; picture: Uint8Array } {
  const bytes = Buffer.from(first)
  let cut = 0
  for (let at = 0; at + 3 < bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue
    const start = at > 0 && bytes[at - 1] === 0 ? at - 1 : at
    const type = bytes[at + 3]! & 31
    if (type !== 7 && type !== 8 && type !== 9) {
      cut = start
      break
    }
  }
  return { configuration: first.subarray(0, cut), picture: first.subarray(cut) }
}
