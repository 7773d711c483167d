/** How many recordings there may be at once. */

export class Places {
  readonly #max: number
  #open = 0
  #closing = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Takes a place. Those that are closing have left theirs, unless there are as many of them again. */
  take(): boolean {
    if (this.#open >= this.#max || this.#open + this.#closing >= 2 * this.#max) return false
    this.#open += 1
    return true
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
