/** Capture times, µs on this device's clock, from the frames' own timestamps. Pure. */

/** A timestamp that goes back further than this, or leaps ahead, µs: the camera has begun its count anew. */
const JUMP_US = 10_000_000

export class CaptureTimes {
  /** What is added to a timestamp; undefined before the first frame of a stream. */
  #baseUs: number | undefined
  #lastUs = Number.NEGATIVE_INFINITY

  /** Frames of another camera follow, which counts from elsewhere. */
  restart(): void {
    this.#baseUs = undefined
  }

  /**
   * Between frames of one stream times differ exactly as their timestamps do.
   *
   * @param timestampUs - Of the frame.
   * @param nowUs - When it came, by this device's clock.
   * @returns Greater than all before; undefined for a frame that is no later than the one before it.
   */
  place(timestampUs: number, nowUs: number): number | undefined {
    const us = Math.round(timestampUs)
    if (this.#baseUs !== undefined && Math.abs(us + this.#baseUs - nowUs) > JUMP_US) this.#baseUs = undefined
    this.#baseUs ??= Math.max(Math.round(nowUs) - us, Math.max(this.#lastUs, 0) + 1 - us)
    const captureUs = us + this.#baseUs
    if (captureUs <= this.#lastUs) return undefined
    this.#lastUs = captureUs
    return captureUs
  }
}
