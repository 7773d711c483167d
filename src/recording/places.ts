/** How many recordings there may be at once. */

export class Places {
  readonly #max: number
  #open = 0
  #closing = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Whether there is one more. Those that are closing have left theirs, unless there are as many of them again. */
  get isFree(): boolean {
    return this.#open < this.#max && this.#open + this.#closing < 2 * this.#max
  }

  /** Takes a place, if there is one. */
  take(): boolean {
    const { isFree } = this
    if (isFree) this.#open += 1
    return isFree
  }

  /** A recording begins to close. */
  closing(): void {
    this.#open -= 1
    this.#closing += 1
  }

  /** It is on the disk. */
  closed(): void {
    this.#closing -= 1
  }
}
