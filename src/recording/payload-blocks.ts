/**
 * Memory for payloads on their way to the disk, used over and over.
 *
 * Payloads arrive as views of what the socket read. Held until they are written, each lives long enough to cost the
 * garbage collector a full round every few dozen megabytes; a copy into a block that is used again costs far less.
 */

/** Bytes of a block: some pictures of 720p. A payload that is larger is kept as it came. */
export const BLOCK_BYTES = 256 * 1024

/** Blocks that nobody uses. One pool serves all recordings. */
export class BlockPool {
  readonly #maxFree: number
  readonly #free: Uint8Array[] = []

  /** @param maxFreeBytes - Memory kept for later; what comes back beyond it is given up. */
  constructor(maxFreeBytes: number) {
    this.#maxFree = Math.floor(maxFreeBytes / BLOCK_BYTES)
  }

  take(): Uint8Array {
    // A Buffer: it finds bytes several times faster than a plain Uint8Array.
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  /** Takes blocks back: nobody may read them any more. */
  giveBack(blocks: readonly Uint8Array[]): void {
    for (const block of blocks) if (this.#free.length < this.#maxFree) this.#free.push(block)
  }
}

/** The blocks of one recording, filled in order. */
export class PayloadBlocks {
  readonly #pool: BlockPool
  #filled: Uint8Array[] = []
  #block: Uint8Array | undefined
  #usedBytes = 0

  constructor(pool: BlockPool) {
    this.#pool = pool
  }

  /** Copies a payload into a block, right behind the one before where it fits. */
  copy(payload: Uint8Array): Uint8Array {
    const size = payload.length
    if (size > BLOCK_BYTES) return payload
    if (!this.#block || this.#usedBytes + size > BLOCK_BYTES) {
      if (this.#block) this.#filled.push(this.#block)
      this.#block = this.#pool.take()
      this.#usedBytes = 0
    }
    this.#block.set(payload, this.#usedBytes)
    this.#usedBytes += size
    return this.#block.subarray(this.#usedBytes - size, this.#usedBytes)
  }

  /**
   * The blocks that have become full since the last call. None holds the latest payload.
   *
   * @returns Gives them back to the pool: call it once all payloads but the latest are written.
   */
  takeFilled(): () => void {
    const filled = this.#filled
    this.#filled = []
    return () => this.#pool.giveBack(filled)
  }
}

/** Appends a payload to a list of pieces; one that lies right behind the last piece lengthens it. */
export function appendPiece(pieces: Uint8Array[], piece: Uint8Array): void {
  const last = pieces.at(-1)
  if (last && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset)
    pieces[pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + piece.length)
  else pieces.push(piece)
}
