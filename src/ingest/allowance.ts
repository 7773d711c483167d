/** So many a second, and as many at once after a quiet second. */

import type { Clock } from '../time.ts'

export class Allowance {
  readonly #perSecond: number
  readonly #clock: Clock
  #left: number
  #atMs: number

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#left = perSecond
    this.#atMs = clock.monotonicMs()
  }

  /** Takes one, if there is one left. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#left = Math.min(this.#perSecond, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond)
    this.#atMs = nowMs
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
