/** A phone that captures by the clock, and what its recordings are held against. */

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import { frameMd5, probePackets, testPictures } from './ffmpeg.ts'
import { recordingsIn, temporaryFolder } from './folders.ts'
import { scanFile } from './mp4.ts'
import { configurationApart, type SentPacket, TestPhone } from './phone.ts'

/** From one picture to the next, in ms. */
export const INTERVAL_MS = 20
/** Pictures that are encoded; the stream begins again at its first key picture after the last. */
const PICTURES = 200
const KEYFRAME_EVERY = 25
/** How often the server is asked whether it has read everything, in ms. */
const ASK_MS = 25

/** What the server had read, and when its answer came. */
interface Answer {
  atMs: number
  packets: number
}

/** Sends real pictures, 50 a second, as a phone does. */
export class StreamingPhone {
  readonly phone: TestPhone
  /** What was sent in each capture; the latest is the last. */
  readonly captures: SentPacket[][] = []
  #answers: Answer[] = []
  /** Of all captures; counts pictures. */
  readonly #allAnswers: Answer[] = []
  #timer: NodeJS.Timeout | undefined
  #asked = 0
  #index = 0
  #bootMs = 0
  readonly #configuration: Uint8Array
  readonly #pictures: Uint8Array[]

  private constructor(phone: TestPhone, pictures: Uint8Array[]) {
    this.phone = phone
    const { configuration, picture } = configurationApart(pictures[0]!)
    this.#configuration = configuration
    this.#pictures = [picture, ...pictures.slice(1)]
  }

  static async connect(port: number, size = '160x120'): Promise<StreamingPhone> {
    const pictures = await testPictures(PICTURES, size, KEYFRAME_EVERY)
    return new StreamingPhone(await TestPhone.connect(port), pictures)
  }

  get sent(): SentPacket[] {
    return this.captures.at(-1)!
  }

  /**
   * Begins a capture; pictures go out until `stop` or the end of the connection.
   *
   * @param options.pictures - Sends this many at once before the clock takes over.
   */
  start(options: { pictures?: number } = {}): void {
    const { phone } = this
    this.captures.push([])
    this.#answers = []
    this.#index = 0
    this.#bootMs += 1_000_000
    phone.sequence = 0
    this.#packet(0, this.#configuration)
    phone.status('capture_started')
    while (this.#index < (options.pictures ?? 1)) this.next()
    const beganMs = performance.now() - this.#index * INTERVAL_MS
    this.#timer = setInterval(() => {
      if (phone.socket.readyState !== phone.socket.OPEN) return this.pause()
      while (performance.now() - beganMs > this.#index * INTERVAL_MS) this.next()
      this.#ask()
    }, INTERVAL_MS)
  }

  /** Sends the next picture. */
  next(): void {
    const picture = this.#pictures[this.#index % this.#pictures.length]!
    this.#packet(this.#bootMs + this.#index * INTERVAL_MS, picture)
    this.#index += 1
  }

  /** Ends the capture; nothing is said of it. */
  pause(): void {
    clearInterval(this.#timer)
  }

  /** Ends the capture as the app does. */
  stop(): void {
    this.pause()
    this.phone.status('capture_stopped')
  }

  /**
   * Packets that the server had read for certain this long before `atMs`, the moments left out in which it did not
   * come to read anything.
   */
  readBefore(atMs: number, ms: number): number {
    return this.confirmedAt(this.#beforeAnyPause(atMs, ms))
  }

  /** Packets of the latest capture that the server had read for certain by then: its answer had come. */
  confirmedAt(atMs: number): number {
    return this.#answers.findLast((answer) => answer.atMs <= atMs)?.packets ?? 0
  }

  /** Pictures of all captures, as `readBefore`. */
  picturesReadBefore(atMs: number, ms: number): number {
    return this.picturesConfirmedAt(this.#beforeAnyPause(atMs, ms))
  }

  /** Pictures of all captures, as `confirmedAt`. */
  picturesConfirmedAt(atMs: number): number {
    return this.#allAnswers.findLast((answer) => answer.atMs <= atMs)?.packets ?? 0
  }

  /** The longest time within the last `ms` before `atMs` in which the server did not come to read anything. */
  longestPauseMs(atMs: number, ms: number): number {
    const times = [...this.#allAnswers.map((answer) => answer.atMs), atMs].filter((time) => time <= atMs)
    return Math.max(0, ...times.slice(1).flatMap((time, i) => (time > atMs - ms ? [time - times[i]!] : [])))
  }

  #beforeAnyPause(atMs: number, ms: number): number {
    return atMs - ms - this.longestPauseMs(atMs, 2 * ms)
  }

  #packet(captureMs: number, payload: Uint8Array): void {
    this.phone.packet(captureMs, payload)
    this.sent.push(this.phone.sent.at(-1)!)
  }

  #ask(): void {
    const nowMs = performance.now()
    if (nowMs - this.#asked < ASK_MS) return
    this.#asked = nowMs
    const answers = this.#answers
    const packets = this.sent.length
    // Each capture begins with a packet that is no picture.
    const pictures = this.captures.reduce((sum, sent) => sum + sent.length - 1, 0)
    this.phone.acknowledged().then(
      () => {
        answers.push({ atMs: performance.now(), packets })
        this.#allAnswers.push({ atMs: performance.now(), packets: pictures })
      },
      () => {},
    )
  }
}

/** The folders of a phone's recordings, in the order of its captures. */
export async function foldersOf(data: string, phone: StreamingPhone): Promise<string[]> {
  const folders = await recordingsIn(data)
  return folders.filter((folder) => basename(folder).startsWith(`${phone.phone.id}_`))
}

/** stream.h264, if it is there yet, begins as what was sent, byte for byte; gives how long it is. */
export async function expectRawPrefix(folder: string, sent: readonly SentPacket[]): Promise<number> {
  const path = join(folder, 'stream.h264')
  const raw = existsSync(path) ? await readFile(path) : Buffer.alloc(0)
  const whole = Buffer.concat(sent.map(({ payload }) => payload))
  expect(raw.equals(whole.subarray(0, raw.length)), `${folder}: stream.h264 is what was sent`).toBe(true)
  return raw.length
}

/**
 * ffprobe reads every whole fragment of stream.mp4: the first pictures that were sent, each at its time.
 *
 * @returns How many pictures.
 */
export async function expectTimesPrefix(folder: string, sent: readonly SentPacket[]): Promise<number> {
  const file = join(folder, 'stream.mp4')
  const { samples, wholeBytes } = await scanFile(file)
  const packets = await probePackets(file)
  const whole = packets.filter(({ position, sizeBytes }) => position + sizeBytes <= wholeBytes)
  expect(whole).toHaveLength(samples)
  const times = sent.slice(1, 1 + samples).map(({ captureMs }) => captureMs - sent[1]!.captureMs)
  expect(whole.map(({ ptsMs }) => Math.round(ptsMs))).toEqual(times)
  return samples
}

/** The pictures of a closed stream.mp4, decoded, are the first that were sent. */
export async function expectPicturesPrefix(folder: string, sent: readonly SentPacket[]): Promise<void> {
  const pictures = await frameMd5(join(folder, 'stream.mp4'))
  const original = join(await temporaryFolder(), 'sent.h264')
  const packets = sent.slice(0, 1 + pictures.length)
  await writeFile(original, Buffer.concat(packets.map(({ payload }) => payload)))
  expect(pictures).toEqual(await frameMd5(original, '-f', 'h264'))
}
