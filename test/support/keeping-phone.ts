/** A phone that keeps what it sent until it is acknowledged, from docs/protocol-2.md alone: it shares no code with Rollcall. */

import { WebSocket } from 'ws'
import { testPictures } from './ffmpeg.ts'
import { configurationApart } from './phone.ts'
import { until } from './until.ts'

const INTERVAL_US = 33_333
const KEYFRAME_EVERY = 10

export interface KeptPicture {
  sequence: number
  captureUs: number
  payload: Uint8Array
  isKeyframe: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: what the server says
type Message = any

export class KeepingPhone {
  readonly id: string
  socket: WebSocket | undefined
  readonly received: Message[] = []
  /** Every picture of the capture, those that were forgotten too. */
  readonly pictures: KeptPicture[] = []
  capture = ''
  take: string | null = null
  /** All below it is on the server's disk. */
  acknowledged = 0
  /** Every acknowledgement, of all captures, with its time by `performance.now()`. */
  readonly acknowledgements: { atMs: number; capture: string; sequence: number }[] = []
  /** What goes out next; undefined while the server has not said from where. */
  next: number | undefined
  closeCode: number | undefined
  /** Its clock jumps so far ahead of each keyframe. */
  jumpUs = 0
  /** The clock of its holder was set so far ahead, in ms. */
  aheadMs = 0
  /** The take that its holder stopped, and when. */
  #stopped: { take: string; atMs: number } | undefined
  #isEnded = false
  readonly #film: Uint8Array[]
  #beganMs = 0
  #clocks = 0

  private constructor(id: string, film: Uint8Array[]) {
    this.id = id
    this.#film = film
  }

  static async make(id: string, size = '160x120'): Promise<KeepingPhone> {
    const film = await testPictures(100, size, KEYFRAME_EVERY)
    // Every keyframe brings its parameter sets.
    const { configuration } = configurationApart(film[0]!)
    const isBare = (i: number) => i > 0 && i % KEYFRAME_EVERY === 0
    return new KeepingPhone(
      id,
      film.map((picture, i) => (isBare(i) ? Buffer.concat([configuration, picture]) : picture)),
    )
  }

  /** Connects and says hello; a capture that is not over goes on. */
  async connect(port: number, host = '127.0.0.1'): Promise<void> {
    const socket = new WebSocket(`ws://${host}:${port}/camera`, 'rollcall.2')
    this.socket = socket
    this.next = undefined
    socket.on('message', (data) => this.#heard(JSON.parse(String(data))))
    socket.on('close', (code) => {
      if (this.socket !== socket) return
      this.closeCode = code
      this.next = undefined
    })
    socket.on('error', () => {})
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const { take, atMs = 0 } = this.#stopped ?? {}
    const stopped = take === undefined ? null : { take, agoMs: Date.now() - atMs }
    this.say({ type: 'hello', protocol: 2, id: this.id, name: 'Anna', model: 'Test phone', stopped })
    await until('welcome', () => this.received.some(({ type }) => type === 'welcome'))
    if (this.capture) this.#announce()
  }

  say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** Begins a capture; the server is told when there is a connection. */
  begin(capture: string, take: string | null = null): void {
    this.capture = capture
    this.take = take
    this.#isEnded = false
    this.pictures.length = 0
    this.acknowledged = 0
    this.#beganMs = Date.now()
    this.say({ status: 'capture_started' })
    this.#announce()
  }

  /** Takes so many pictures, and sends those that can be sent. */
  film(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const sequence = this.pictures.length
      const payload = this.#film[sequence % this.#film.length]!
      const jumpsUs = Math.floor(sequence / KEYFRAME_EVERY) * this.jumpUs
      const captureUs = 7_000_000_000 + sequence * INTERVAL_US + jumpsUs
      this.pictures.push({ sequence, captureUs, payload, isKeyframe: sequence % KEYFRAME_EVERY === 0 })
    }
    this.#send()
  }

  /** Its holder ends the capture; what waits is sent first. */
  end(): void {
    if (this.take !== null) this.#stopped = { take: this.take, atMs: Date.now() }
    this.#isEnded = true
    this.say({ status: 'capture_stopped' })
    this.#send()
  }

  /** Resolves when all has come that the server said before it read this. */
  async heardAll(): Promise<void> {
    const phoneUs = this.#clocks
    this.#clocks += 1
    this.say({ type: 'clock', phoneUs })
    await until('the time', () =>
      this.received.some((one) => one.type === 'clock' && one.phoneUs === phoneUs),
    )
  }

  /** Commands of this kind that came so far. */
  commands(command: 'start_capture' | 'stop_capture'): Message[] {
    return this.received.filter((one) => one.command === command)
  }

  /** A picture for viewers alone. */
  preview(sequence: number): void {
    const packet = packetOf(this.pictures[sequence]!)
    packet[0]! |= 0x80
    this.socket!.send(packet)
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.socket?.terminate()
    this.next = undefined
  }

  async allAcknowledged(): Promise<void> {
    await until('everything is acknowledged', () => this.acknowledged === this.pictures.length)
  }

  #announce(): void {
    // The keyframe that the first unacknowledged picture depends on.
    const from = Math.floor(this.acknowledged / KEYFRAME_EVERY) * KEYFRAME_EVERY
    const { capture, take } = this
    const packets = this.#isEnded ? this.pictures.length : null
    this.say({
      type: 'capture',
      capture,
      from,
      packets,
      take,
      agoMs: Date.now() + this.aheadMs - this.#beganMs,
    })
  }

  #heard(message: Message): void {
    this.received.push(message)
    if (message.type === 'again') {
      this.next = undefined
      this.#announce()
    }
    if (message.type === 'ack') {
      const { capture, sequence } = message
      this.acknowledgements.push({ atMs: performance.now(), capture, sequence })
    }
    if (message.capture !== this.capture) return
    if (message.type === 'ack') this.acknowledged = Math.max(this.acknowledged, message.sequence)
    if (message.type !== 'next') return
    this.next = message.sequence
    this.#send()
  }

  #send(): void {
    if (this.next === undefined || this.socket?.readyState !== WebSocket.OPEN) return
    for (; this.next < this.pictures.length; this.next += 1)
      this.socket.send(packetOf(this.pictures[this.next]!))
    if (this.#isEnded) this.say({ type: 'capture_end', capture: this.capture, packets: this.pictures.length })
  }
}

function packetOf({ sequence, captureUs, payload }: KeptPicture): Buffer {
  const header = Buffer.alloc(16)
  header.writeBigUInt64BE(BigInt(captureUs), 0)
  header.writeUInt32BE(sequence, 8)
  header.writeUInt32BE(payload.length, 12)
  return Buffer.concat([header, payload])
}
