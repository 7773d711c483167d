/** What is filmed just now: one capture at a time, begun and ended, its pictures put into the outbox. */

import { Checksums } from './checksums.ts'
import { EncodedRate } from './encoded-rate.ts'
import { Film } from './film.ts'
import { FrameWatch } from './frame-watch.ts'
import { Glimpse } from './glimpse.ts'
import { type KeptCapture, newNote } from './kept-capture.ts'
import type { Outbox } from './outbox.ts'
import type { EncodedPicture } from './picture-encoder.ts'
import { deviceUs } from './server-clock.ts'
import type { CameraState, PictureSettings } from './worker-messages.ts'

/** A start that names a time waits so long for the server's clock to be known, µs. */
const CLOCK_WAIT_US = 2_000_000

/** Call `look` so often, in ms. */
export const LOOK_EVERY_MS = 250

export interface Running {
  kept: KeptCapture
  /** Null: a person began it. */
  take: string | null
  startedAtMs: number
  askedUs: number
  /** By the server's clock, µs; null: at once. */
  beginAtUs: number | null
  /** Its time has come. */
  hasBegun: boolean
}

export interface ShootingOptions {
  settings: PictureSettings
  outbox: Outbox
  /** The server's clock less this device's, µs; null until it is known. */
  aheadUs: () => number | null
  /** There is more to send. */
  onMore: () => void
  /** The camera gives frames again. */
  onFramesAgain: () => void
  /** A picture for viewers alone, while nothing is filmed. */
  onGlimpse: (picture: EncodedPicture) => void
  /** Keeps checksums. */
  test: boolean
}

export class Shooting {
  readonly film: Film
  readonly #glimpse: Glimpse
  readonly sums = new Checksums()
  readonly #options: ShootingOptions
  readonly #rate = new EncodedRate()
  readonly #watch = new FrameWatch(LOOK_EVERY_MS)
  #running: Running | undefined
  /** Ended, but some of its pictures are still in the encoder. */
  #last: Running | undefined
  #ending: Promise<void> = Promise.resolve()
  /** Counts starts and stops: a start that waits is called off by what comes after it. */
  #turn = 0
  #reader: ReadableStreamDefaultReader<VideoFrame> | undefined
  #hasFrames = false

  constructor(options: ShootingOptions) {
    this.#options = options
    this.#glimpse = new Glimpse(options.onGlimpse)
    this.film = new Film({
      settings: options.settings,
      onPicture: (picture, size) => this.#encoded(picture, size),
      aheadUs: options.aheadUs,
      isWanted: (captureUs) => this.#isWanted(captureUs),
      onFrame: () => {
        if (this.#watch.saw()) options.onFramesAgain()
      },
      onIdle: (frame, captureUs, now) => this.#glimpse.frame(frame, captureUs, now),
    })
  }

  get running(): Running | undefined {
    return this.#running
  }

  /** The camera gives pictures. */
  get hasFrames(): boolean {
    return this.#hasFrames
  }

  get encoded(): CameraState['encoded'] {
    return this.#watch.isStill ? null : this.#rate.at(deviceUs())
  }

  /** The camera is open, or should be, and gives nothing: seen of its frames, before any is left out. */
  get isStill(): boolean {
    return this.#watch.isStill
  }

  look(): void {
    this.#watch.look(this.film.settings.fps)
  }

  /** Somebody watches: a keyframe of what is filmed, else a small picture of what would be. */
  wantPicture(): void {
    if (this.#running) this.film.wantKeyframe()
    else this.#glimpse.want()
  }

  /** Begins a capture, behind the pictures of the one before, which ends. */
  async start(take: string | null, beginAtUs: number | null): Promise<void> {
    const startedAtMs = Date.now()
    const askedUs = deviceUs()
    void this.stop()
    this.#glimpse.end()
    this.#turn += 1
    const turn = this.#turn
    await this.#ending
    if (turn !== this.#turn) return
    const kept = this.#options.outbox.begin({ ...newNote(newId(), take), startedAtMs })
    this.#running = { kept, take, startedAtMs, askedUs, beginAtUs, hasBegun: beginAtUs === null }
    this.#rate.clear()
  }

  /** Ends what runs, at this moment; resolves when its last picture is in the outbox. */
  async stop(): Promise<void> {
    this.#turn += 1
    const running = this.#running
    if (!running) return this.#ending
    this.#running = undefined
    this.#last = running
    this.#ending = this.film.end().then(() => {
      this.#last = undefined
      this.#options.outbox.end(running.kept)
      this.#options.onMore()
    })
    await this.#ending
  }

  /** Frames of another camera, in place of those before; null: none. */
  async read(frames: ReadableStream<VideoFrame> | null): Promise<void> {
    const before = this.#reader
    if (!frames) this.#glimpse.end()
    const reader = frames?.getReader()
    this.#reader = reader
    this.#hasFrames = reader !== undefined
    this.#watch.saw()
    this.film.restart()
    await before?.cancel().catch(() => {})
    if (!reader) return
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || !value) break
      if (this.#reader === reader) this.film.frame(value)
      else value.close()
    }
    if (this.#reader === reader) this.#hasFrames = false
  }

  /** One frame, where there is no stream of them. */
  take(frame: VideoFrame): void {
    this.#hasFrames = true
    this.film.frame(frame)
  }

  #isWanted(captureUs: number): boolean {
    const running = this.#running
    if (!running || running.hasBegun || running.beginAtUs === null) return running !== undefined
    const aheadUs = this.#options.aheadUs()
    running.hasBegun =
      aheadUs === null
        ? captureUs - running.askedUs > CLOCK_WAIT_US
        : captureUs + aheadUs >= running.beginAtUs
    return running.hasBegun
  }

  #encoded(picture: EncodedPicture, size: { width: number; height: number }): void {
    const { kept } = this.#last ?? this.#running ?? {}
    if (!kept) return
    const { outbox } = this.#options
    // What it depends on was given up, or there was nothing: only a keyframe can be shown.
    const isLost = kept.packets.length === 0 && !picture.isKeyframe
    if (isLost) this.film.wantKeyframe()
    if (isLost && kept.next === 0) return
    const sequence = isLost ? outbox.giveUp(kept) : outbox.add(kept, picture).sequence
    this.#rate.add(picture.captureUs, picture.payload.byteLength, size)
    if (this.#options.test) this.sums.add(kept.id, sequence, picture.payload)
    this.#options.onMore()
  }
}

/** Of a capture; never used again. */
function newId(): string {
  return `c-${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`
}
