/** A phone of protocol 2 whose holder, network and store do what they like, in any order; from docs/protocol-2.md alone. */

import { WebSocket } from 'ws'
import { testPictures } from './ffmpeg.ts'
import { configurationApart } from './phone.ts'
import { until } from './until.ts'

const KEYFRAME_EVERY = 10
const INTERVAL_US = 33_333

export interface FilmedCapture {
  id: string
  take: string | null
  beganMs: number
  /** Capture times, µs, by sequence number. */
  times: number[]
  acknowledged: number
  /** The server can know of nothing from here on. */
  reached: number
  /** Pictures below it are not kept any more. */
  keptFrom: number
  /** Given up before they were acknowledged. */
  lost: Set<number>
  isEnded: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: what the server says
type Message = any

export class RestlessPhone {
  readonly id: string
  /** All that was ever filmed, the oldest first. */
  readonly captures: FilmedCapture[] = []
  running: FilmedCapture | undefined
  /** Acknowledgements do not reach it, up to the next connection. */
  #isDeaf = false
  readonly #film: readonly Uint8Array[]
  #socket: WebSocket | undefined
  #isWelcome = false
  #turn: { capture: FilmedCapture; next?: number } | undefined
  readonly #sent = new Set<FilmedCapture>()
  readonly #forgotten = new Set<FilmedCapture>()
  #stopped: { take: string; atMs: number } | undefined
  #clocks = 0
  #heardClock = -1

  /** @param film - Pictures, every tenth a keyframe with its parameter sets. */
  constructor(id: string, film: readonly Uint8Array[]) {
    this.id = id
    this.#film = film
  }

  get isConnected(): boolean {
    return this.#isWelcome && this.#socket?.readyState === WebSocket.OPEN
  }

  /** Nothing is kept any more. */
  get isEmpty(): boolean {
    return this.captures.every((one) => this.#forgotten.has(one))
  }

  /** Connects, also beside a connection that is still there. */
  async connect(port: number): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/camera`, 'rollcall.2')
    this.#socket = socket
    this.#isWelcome = false
    this.#isDeaf = false
    socket.on('message', (data) => this.#socket === socket && this.#hears(JSON.parse(String(data))))
    socket.on('close', () => {
      if (this.#socket === socket) this.#isWelcome = false
    })
    socket.on('error', () => {})
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.once('open', () => {
        const { take, atMs = 0 } = this.#stopped ?? {}
        const stopped = take === undefined ? null : { take, agoMs: Date.now() - atMs }
        this.#say({ type: 'hello', protocol: 2, id: this.id, name: null, model: 'Restless', stopped })
        resolve()
      })
    })
    await until('welcome', () => this.#isWelcome || socket.readyState !== WebSocket.OPEN)
  }

  /** The connection is lost without a word. */
  cut(): void {
    this.#isWelcome = false
    this.#socket?.terminate()
  }

  holderStarts(): void {
    if (this.running) return
    this.#say({ status: 'capture_started' })
    this.#begin(null)
  }

  holderStops(): void {
    if (this.running && this.running.take !== null)
      this.#stopped = { take: this.running.take, atMs: Date.now() }
    this.#stop()
  }

  /** Takes so many pictures of what runs. */
  film(count: number): void {
    const { running } = this
    for (let i = 0; running && i < count; i += 1)
      running.times.push(running.beganMs * 1000 + running.times.length * INTERVAL_US)
    this.#pump()
  }

  /** Its store is full: the oldest pictures go, up to the next keyframe. */
  givesUp(): void {
    const oldest = this.captures.find((one) => !this.#forgotten.has(one) && one.keptFrom < one.times.length)
    if (!oldest) return
    const to = Math.min(
      oldest.times.length,
      (Math.floor(oldest.keptFrom / KEYFRAME_EVERY) + 1) * KEYFRAME_EVERY,
    )
    // What runs goes on with a keyframe.
    if (oldest === this.running && to % KEYFRAME_EVERY !== 0) return
    for (let at = Math.max(oldest.acknowledged, oldest.keptFrom); at < to; at += 1) oldest.lost.add(at)
    oldest.keptFrom = to
  }

  /** Its page is opened anew: what ran has ended. */
  reload(): void {
    this.cut()
    if (this.running) this.running.isEnded = true
    this.running = undefined
  }

  /** The network loses acknowledgements, up to the next connection. */
  hearsNoMore(): void {
    this.#isDeaf = true
  }

  rename(name: string): void {
    this.#say({ type: 'hello', protocol: 2, id: this.id, name, model: null, stopped: null })
  }

  /** Resolves with true when all has come that the server said before it read this; with false when the connection ended. */
  async heardAll(): Promise<boolean> {
    this.#clocks += 1
    const phoneUs = this.#clocks
    this.#say({ type: 'clock', phoneUs })
    await until('the time', () => this.#heardClock >= phoneUs || !this.isConnected)
    return this.isConnected
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #begin(take: string | null): void {
    if (this.running) this.running.isEnded = true
    const id = `${this.id}-c${this.captures.length}`
    const beganMs = Date.now()
    this.running = {
      id,
      take,
      beganMs,
      times: [],
      acknowledged: 0,
      reached: 0,
      keptFrom: 0,
      lost: new Set(),
      isEnded: false,
    }
    this.captures.push(this.running)
    this.film(1)
  }

  #stop(): void {
    this.#say({ status: 'capture_stopped' })
    if (this.running) this.running.isEnded = true
    this.running = undefined
    this.#pump()
  }

  #hears(message: Message): void {
    if (message.type === 'welcome') {
      this.#isWelcome = true
      this.#restart()
    } else if (message.type === 'again') this.#restart()
    else if (message.type === 'clock') this.#heardClock = message.phoneUs
    else if (message.command === 'start_capture') this.#started(message.payload.take)
    else if (message.command === 'stop_capture') this.#told(message.take)
    else if (message.type === 'next') {
      if (this.#turn?.capture.id === message.capture) this.#turn!.next = message.sequence
      this.#pump()
    } else if (message.type === 'ack' && !this.#isDeaf) this.#acknowledged(message)
  }

  #started(take: string): void {
    this.#stopped = undefined
    this.#say({ status: 'capture_started' })
    if (this.running?.take !== take) this.#begin(take)
  }

  #told(take: string | undefined): void {
    if (take === undefined || this.running?.take === take) this.#stop()
  }

  #acknowledged({ capture: id, sequence }: Message): void {
    const capture = this.captures.find((one) => one.id === id)
    if (!capture) return
    if (sequence > capture.reached) throw new Error(`${id}: ${sequence} acknowledged of ${capture.reached}`)
    capture.acknowledged = Math.max(capture.acknowledged, sequence)
    const keyframe = Math.floor(capture.acknowledged / KEYFRAME_EVERY) * KEYFRAME_EVERY
    capture.keptFrom = Math.max(capture.keptFrom, keyframe)
    if (this.#sent.has(capture) && capture.acknowledged === capture.times.length) this.#forgotten.add(capture)
  }

  #restart(): void {
    this.#turn = undefined
    this.#sent.clear()
    this.#pump()
  }

  #pump(): void {
    while (this.isConnected) {
      this.#turn ??= this.#announced()
      const turn = this.#turn
      if (turn?.next === undefined) return
      const { capture } = turn
      turn.next = Math.max(turn.next, capture.keptFrom)
      for (; turn.next < capture.times.length; turn.next += 1) this.#send(capture, turn.next)
      if (!capture.isEnded) return
      capture.reached = capture.times.length
      this.#say({ type: 'capture_end', capture: capture.id, packets: capture.times.length })
      this.#sent.add(capture)
      this.#turn = undefined
    }
  }

  #announced(): { capture: FilmedCapture } | undefined {
    const capture = this.captures.find((one) => !this.#forgotten.has(one) && !this.#sent.has(one))
    if (!capture) return undefined
    const { id, take, isEnded, beganMs } = capture
    const from = Math.min(capture.acknowledged, capture.keptFrom)
    const packets = isEnded ? capture.times.length : null
    capture.reached = Math.max(capture.reached, from)
    this.#say({ type: 'capture', capture: id, from, packets, take, agoMs: Date.now() - beganMs })
    return { capture }
  }

  #send(capture: FilmedCapture, sequence: number): void {
    capture.reached = Math.max(capture.reached, sequence + 1)
    const { times } = capture
    const payload = this.#film[sequence % this.#film.length]!
    const header = Buffer.alloc(16)
    header.writeBigUInt64BE(BigInt(times[sequence]!), 0)
    header.writeUInt32BE(sequence, 8)
    header.writeUInt32BE(payload.length, 12)
    this.#socket!.send(Buffer.concat([header, payload]))
  }
}

/** Pictures for such phones: every tenth a keyframe, with its parameter sets. */
export async function keyedFilm(): Promise<Uint8Array[]> {
  const film = await testPictures(100, '64x48', KEYFRAME_EVERY)
  const { configuration } = configurationApart(film[0]!)
  const isBare = (i: number) => i > 0 && i % KEYFRAME_EVERY === 0
  return film.map((picture, i) => (isBare(i) ? Buffer.concat([configuration, picture]) : picture))
}
