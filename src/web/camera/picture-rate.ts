/** Leaves whole pictures out by their times, so that no more than so many a second remain. Pure. */

/** So early a picture still counts as on time, in parts of the interval: cameras are not exact. */
const EARLY = 0.25

export class PictureRate {
  /** When the next one is due, µs. */
  #dueUs = Number.NEGATIVE_INFINITY

  /**
   * Whether the picture stays.
   *
   * @param captureUs - Increasing from call to call.
   * @param fps - 0: all stay.
   */
  takes(captureUs: number, fps: number): boolean {
    if (fps <= 0) return true
    const intervalUs = 1_000_000 / fps
    if (captureUs < this.#dueUs - intervalUs * EARLY) return false
    const isLate = captureUs - this.#dueUs > intervalUs
    this.#dueUs = (isLate ? captureUs : this.#dueUs) + intervalUs
    return true
  }
}
