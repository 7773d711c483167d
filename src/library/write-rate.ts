/** How fast the disk fills, by what was written in the last minute. Pure but for the clock that is given. */

import type { Clock } from '../time.ts'

/** The pace is that of so long, in ms. */
const WINDOW_MS = 60_000
/** How often a sample is kept, in ms. */
const SAMPLE_MS = 5000
/** What is written in less time than this says nothing of a pace, in ms. */
const LEAST_MS = 1000

export class WriteRate {
  readonly #clock: Clock
  #samples: { atMs: number; bytes: number }[]
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#samples = [{ atMs: clock.monotonicMs(), bytes: 0 }]
  }

  /** Since the beginning. */
  get bytes(): number {
    return this.#bytes
  }

  wrote(bytes: number): void {
    this.#bytes += bytes
  }

  /** Call it at least every few seconds. */
  tick(): void {
    const atMs = this.#clock.monotonicMs()
    if (atMs - this.#samples.at(-1)!.atMs < SAMPLE_MS) return
    this.#samples.push({ atMs, bytes: this.#bytes })
    while (this.#samples.length > 1 && atMs - this.#samples[1]!.atMs >= WINDOW_MS) this.#samples.shift()
  }

  /** Bytes a second. */
  perSecond(): number {
    const { atMs, bytes } = this.#samples[0]!
    const spanMs = this.#clock.monotonicMs() - atMs
    return spanMs < LEAST_MS ? 0 : ((this.#bytes - bytes) * 1000) / spanMs
  }
}
