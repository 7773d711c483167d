/** What waits to be sent: each thing no earlier than its time, all of them in order. */

import type { Clock } from '../time.ts'

interface Waiting {
  dueMs: number
  send: () => void
}

/** A queue that holds things back, for jitter. */
export class Outbox {
  readonly #clock: Clock
  #waiting: Waiting[] = []
  #lastDueMs = 0
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sends after `delayMs`, at least 0, and after everything that was added before; at once when nothing waits. */
  add(delayMs: number, send: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs)
    if (this.#waiting.length === 0 && this.#lastDueMs <= nowMs) {
      send()
      return
    }
    this.#waiting.push({ dueMs: this.#lastDueMs, send })
    if (this.#waiting.length === 1) this.#arm()
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Throws away what waits. */
  discard(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
    this.#tellIdle()
  }

  #arm(): void {
    const delayMs = this.#waiting[0]!.dueMs - this.#clock.monotonicMs()
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, delayMs))
  }

  #sendDue(): void {
    const nowMs = this.#clock.monotonicMs()
    // Timers may come a little early.
    while (this.#waiting.length > 0 && this.#waiting[0]!.dueMs <= nowMs + 1) this.#waiting.shift()!.send()
    if (this.#waiting.length > 0) this.#arm()
    else this.#tellIdle()
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
