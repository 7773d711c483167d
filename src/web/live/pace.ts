/**
 * Which cameras are shown by their keyframes alone, because this machine cannot follow.
 *
 * Slows down one at a time, the least important first, while pictures come out late; takes one back after a calm while,
 * and waits longer each time that this was too early. Pure: the clock is given.
 */

/**
 * Pictures that come out later than this after they came in mean that the machine does not follow, in ms: of the quarter
 * of a second from capture to screen, the way here and the drawing need the rest.
 */
export const LATE_MS = 200
/** When that was so in so many looks of so long a time, in ms: fewer are a hiccup, and the next key pictures its cure. */
const LATE_TIMES = 3
const LATE_WITHIN_MS = 15_000
/** Below this it follows well enough to carry more. */
const CALM_MS = 120
/** Time that a change has to show, in ms. */
const SETTLE_MS = 2000
/** First wait before one is taken back, and the longest. */
const FIRST_CALM_MS = 10_000
const MAX_CALM_MS = 160_000

export class Pace {
  /** Ids of those that are slowed down. */
  readonly slow = new Set<string>()
  #changedAtMs = Number.NEGATIVE_INFINITY
  #calmSinceMs: number | undefined
  #lateAtMs: number[] = []
  #calmMs = FIRST_CALM_MS
  #tookBackAtMs = Number.NEGATIVE_INFINITY

  /**
   * Call it about once a second.
   *
   * @param lateMs - From a picture's coming to its leaving the decoder, the worst of the last second.
   * @param cameras - All that are shown, the most important first. The first is never slowed down.
   * @returns Whether `slow` has changed.
   */
  update(nowMs: number, lateMs: number, cameras: readonly string[]): boolean {
    let isChanged = false
    for (const id of this.slow)
      if (!cameras.includes(id) || id === cameras[0]) isChanged = this.slow.delete(id) || isChanged
    if (lateMs > CALM_MS) this.#calmSinceMs = undefined
    else this.#calmSinceMs ??= nowMs
    this.#lateAtMs = this.#lateAtMs.filter((atMs) => nowMs - atMs < LATE_WITHIN_MS)
    if (lateMs > LATE_MS) this.#lateAtMs.push(nowMs)
    if (nowMs - this.#changedAtMs < SETTLE_MS) return isChanged
    if (this.#lateAtMs.length >= LATE_TIMES) {
      const next = cameras.slice(1).findLast((id) => !this.slow.has(id))
      if (next === undefined) return isChanged
      this.slow.add(next)
      // Whether that was enough is to be seen anew.
      this.#lateAtMs = []
      if (nowMs - this.#tookBackAtMs < FIRST_CALM_MS) this.#calmMs = Math.min(MAX_CALM_MS, this.#calmMs * 2)
    } else if (this.slow.size > 0 && nowMs - (this.#calmSinceMs ?? nowMs) >= this.#calmMs) {
      this.slow.delete(cameras.find((id) => this.slow.has(id))!)
      this.#tookBackAtMs = nowMs
      this.#calmSinceMs = nowMs
    } else return isChanged
    this.#changedAtMs = nowMs
    return true
  }
}
