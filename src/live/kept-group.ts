/**
 * The messages of the pictures since the last keyframe, for viewers that come now.
 *
 * They lie in one buffer that grows to what the camera needs and is then used again and again: nothing is allocated for a
 * picture, and nothing of what a socket has read is held on to.
 */

/** A group of 720p pictures of a second is about twice this, in bytes. */
const FIRST_BYTES = 256 * 1024

export class KeptGroup {
  readonly #maxBytes: number
  #buffer = Buffer.alloc(0)
  /** Where each message ends. */
  readonly #ends: number[] = []
  #isCut = false

  /** @param maxBytes - A group that is larger is cut down to its keyframe. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
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
    if (end > this.#maxBytes) {
      this.#isCut = true
      // Pictures without the ones between are of no use: the keyframe stands by itself, the rest does not.
      this.#ends.length = Math.min(this.#ends.length, 1)
      return undefined
    }
    if (end > this.#buffer.length) this.#grow(end, start)
    this.#ends.push(end)
    return this.#buffer.subarray(start, end)
  }

  /** A copy of one message, which may wait in a socket. */
  copy(index: number): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#ends[index - 1] ?? 0, this.#ends[index]))
  }

  #grow(neededBytes: number, usedBytes: number): void {
    const size = Math.max(neededBytes, 2 * this.#buffer.length, FIRST_BYTES)
    const buffer = Buffer.allocUnsafeSlow(Math.min(size, this.#maxBytes))
    this.#buffer.copy(buffer, 0, 0, usedBytes)
    this.#buffer = buffer
  }
}
