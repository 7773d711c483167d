/** One capture of a simulated ESP32 camera: whole JPEGs at an even pace. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../time.ts'
import type { CaptureEnd } from './account.ts'
import type { BoardCaptureAccount } from './board-account.ts'
import type { JpegPictures } from './jpeg-source.ts'
import { Outbox } from './outbox.ts'

/** What a capture needs of its board. */
export interface BoardCaptureOptions {
  /** Makes the pictures. Never rejects; nobody needs them any more once `signal` is aborted. */
  pictures: (signal: AbortSignal) => Promise<JpegPictures>
  /** Queues a binary message; false when the network is behind, and the picture is left out. */
  sendPicture: (jpeg: Uint8Array) => boolean
  /** Most that a picture waits before it is sent. */
  jitterMs: number
  /** Probability that a picture is dropped before sending, 0 to 1. */
  lossShare: number
  random: () => number
  clock: Clock
  /** Filled in as the capture goes on. */
  account: BoardCaptureAccount
}

/** A running capture. */
export class BoardCapture {
  readonly #options: BoardCaptureOptions
  readonly #outbox: Outbox
  readonly #ending = new AbortController()
  readonly #done: Promise<void>

  /** Begins at once. */
  constructor(options: BoardCaptureOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.clock)
    this.#done = this.#run()
  }

  /** Ends it; resolves when what was captured has been sent. */
  async stop(): Promise<void> {
    this.#ending.abort()
    // While its pictures are still made there is nothing to wait for.
    if (this.#options.account.source !== null) await this.#done
    if (this.#options.account.ended === 'running') this.#options.account.ended = 'stopped'
  }

  /** Ends it without another picture: the connection is gone. */
  cut(ended: CaptureEnd): void {
    if (this.#options.account.ended === 'running') this.#options.account.ended = ended
    this.#ending.abort()
    this.#outbox.discard()
  }

  async #run(): Promise<void> {
    const { account, clock, random } = this.#options
    const { signal } = this.#ending
    const { source, pictures, width, height } = await this.#options.pictures(signal)
    if (signal.aborted) return
    Object.assign(account, { source, width, height })
    const intervalMs = 1000 / account.fps
    // Boards are out of step with one another.
    const startMs = clock.monotonicMs() + random() * intervalMs
    for (let index = 0; !signal.aborted; index += 1) {
      const dueMs = startMs + index * intervalMs
      const waitMs = Math.max(0, dueMs - clock.monotonicMs())
      await sleep(waitMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      account.maxLateMs = Math.max(account.maxLateMs, Math.round(clock.monotonicMs() - dueMs))
      this.#take(pictures[index % pictures.length]!)
    }
    await this.#outbox.idle()
  }

  #take(jpeg: Uint8Array): void {
    const { account, random, lossShare, jitterMs, sendPicture } = this.#options
    if (random() < lossShare) {
      account.dropped += 1
      return
    }
    this.#outbox.add(jitterMs > 0 ? random() * jitterMs : 0, () => {
      if (!sendPicture(jpeg)) {
        account.skipped += 1
        return
      }
      account.pictures += 1
      account.bytes += jpeg.length
    })
  }
}
