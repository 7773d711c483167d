/** Pictures that never came, seen by the camera's sequence numbers: a decoder says nothing of them. Pure. */

/** A larger step is another capture, not a loss. */
const MAX_GAP = 1000
const WRAP = 2 ** 32

export class Losses {
  /** Since it began. */
  count = 0
  #last: number | undefined

  /**
   * Takes the next picture's number.
   *
   * @param isAfterSkip - The server says that it left some out: those are not lost.
   * @returns How many are missing before it.
   */
  next(sequence: number, isAfterSkip: boolean): number {
    const last = this.#last
    this.#last = sequence
    if (last === undefined || isAfterSkip) return 0
    const missing = ((sequence - last + WRAP) % WRAP) - 1
    if (missing <= 0 || missing > MAX_GAP) return 0
    this.count += missing
    return missing
  }

  /** Another connection: what comes next follows nothing. */
  reset(): void {
    this.#last = undefined
  }
}
