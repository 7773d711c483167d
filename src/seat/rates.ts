/** Pictures and megabits a second. Pure. */

/** Rates are those of the last so many ms. */
const RATE_MS = 1000

interface Counts {
  pictures: number
  bytes: number
}

export class Rates {
  /** undefined: nothing comes. */
  fps: number | undefined
  mbps: number | undefined
  #before: Counts & { atMs: number }

  /** @param nowMs - By the monotonic clock, as everywhere here. */
  constructor(nowMs: number) {
    this.#before = { pictures: 0, bytes: 0, atMs: nowMs }
  }

  /**
   * Call a few times a second.
   *
   * @param counts - Since the recording began: a new one begins them anew.
   */
  tick(nowMs: number, isCapturing: boolean, { pictures, bytes }: Counts): void {
    const before = this.#before
    const seconds = (nowMs - before.atMs) / 1000
    if (seconds * 1000 < RATE_MS) return
    const counts = isCapturing && pictures >= before.pictures
    this.fps = counts ? (pictures - before.pictures) / seconds : undefined
    this.mbps = counts ? ((bytes - before.bytes) * 8) / 1e6 / seconds : undefined
    this.#before = { pictures, bytes, atMs: nowMs }
  }
}
