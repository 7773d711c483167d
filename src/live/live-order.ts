/**
 * Which pictures of a camera that catches up the live view shows: it never goes back in time.
 *
 * Pure.
 */

export class LiveOrder {
  #captureMs = Number.NEGATIVE_INFINITY
  #sequence = -1
  #isTorn = false

  /** The latest picture is not shown, because what it depends on was not: only a keyframe helps. */
  get isTorn(): boolean {
    return this.#isTorn
  }

  /** The camera has connected anew: its clock may be another. */
  reset(): void {
    this.#captureMs = Number.NEGATIVE_INFINITY
  }

  /** Call it for every picture that comes, in order. Shown is one that is later than all before, and that can be decoded. */
  shows(picture: { captureMs: number; sequence: number }, isKeyframe: boolean): boolean {
    const { captureMs, sequence } = picture
    this.#isTorn = captureMs > this.#captureMs && !isKeyframe && sequence !== this.#sequence + 1
    if (captureMs <= this.#captureMs || this.#isTorn) return false
    this.#captureMs = captureMs
    this.#sequence = sequence
    return true
  }
}
