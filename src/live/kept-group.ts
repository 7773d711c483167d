/**
 * The messages of the pictures since the last keyframe, for viewers that come now.
 *
 * They lie in one buffer that grows to what the camera needs and is then used again and again: nothing is allocated for a
 * picture, and nothing of what a socket has read is held on to.
 */

/** A second of 2 Mbit/s, in bytes. */
const FIRST_BYTES = 256 * 1024

/** What all groups together may take. */
export class GroupBudget {
  #leftBytes: number

  constructor(bytes: number) {
    this.#leftBytes = bytes
  }

  /** @returns Whether there was so much left; if not, nothing is taken. */
  take(bytes: number): boolean {
    if (bytes > this.#leftBytes) return false
    this.#leftBytes -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#leftBytes += bytes
  }
}

export class KeptGroup {
  readonly #maxBytes: number
  readonly #budget: GroupBudget
  #buffer = Buffer.alloc(0)
  /** Where each message ends. */
  readonly #ends: number[] = []
  #isCut = false

  /**
   * @param maxBytes - A group that is larger is cut down to its keyframe.
   * @param budget - So is one for which nothing is left.
   */
  constructor(maxBytes: number, budget: GroupBudget) {
    this.#maxBytes = maxBytes
    this.#budget = budget
  }

  /** Messages that are kept, from the keyframe on. */
  get pictures(): number {
    return this.#ends.length
  }

  /** Pictures came that are not kept. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** A keyframe comes: what was kept is forgotten. */
  begin(): void {
    this.#ends.length = 0
    this.#isCut = false
  }

  /**
   * Room for the next message, to be written at once.
   *
   * @returns A view that the next keyframe makes invalid; undefined when the message is not kept.
   */
  add(bytes: number): Buffer | undefined {
    if (this.#isCut) return undefined
    const start = this.#ends.at(-1) ?? 0
    const end = start + bytes
    if (end > this.#buffer.length && !this.#grow(end, start)) {
      this.#isCut = true
      // A keyframe stands by itself. What came behind it would end in a hole, and make a viewer watch the past till there.
      this.#ends.length = Math.min(this.#ends.length, 1)
      return undefined
    }
    this.#ends.push(end)
    return this.#buffer.subarray(start, end)
  }

  /** A copy of one message, which may wait in a socket. */
  copy(index: number): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#ends[index - 1] ?? 0, this.#ends[index]))
  }

  /** The camera has gone: gives the memory back. */
  close(): void {
    this.#budget.giveBack(this.#buffer.length)
    this.#buffer = Buffer.alloc(0)
    this.#ends.length = 0
    this.#isCut = true
  }

  #grow(neededBytes: number, usedBytes: number): boolean {
    if (neededBytes > this.#maxBytes) return false
    const before = this.#buffer.length
    const size = Math.min(Math.max(neededBytes, 2 * before, FIRST_BYTES), this.#maxBytes)
    if (!this.#budget.take(size - before)) return false
    const buffer = Buffer.allocUnsafeSlow(size)
    this.#buffer.copy(buffer, 0, 0, usedBytes)
    this.#buffer = buffer
    return true
  }
}
