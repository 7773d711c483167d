/** A file that only grows, but for the patch that closing puts into it. */

import { type FileHandle, open } from 'node:fs/promises'

/** One call at a time, but for `sync`, which may run beside the others. */
export class AppendFile {
  readonly #handle: FileHandle
  #offset = 0
  #dirty = false
  /** The latest forced write. */
  #synced: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(handle: FileHandle, offset = 0) {
    this.#handle = handle
    this.#offset = offset
  }

  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(await open(path, 'wx'))
  }

  /** Goes on behind what is there. */
  static async goOn(path: string): Promise<AppendFile> {
    const handle = await open(path, 'r+')
    return new AppendFile(handle, (await handle.stat()).size)
  }

  async append(pieces: readonly Uint8Array[]): Promise<void> {
    let left = pieces.filter((piece) => piece.length > 0)
    let size = left.reduce((sum, piece) => sum + piece.length, 0)
    while (size > 0) {
      const { bytesWritten } = await this.#handle.writev(left, this.#offset)
      this.#dirty = true
      this.#offset += bytesWritten
      size -= bytesWritten
      if (size > 0) left = unwritten(left, bytesWritten)
    }
  }

  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#handle.write(bytes, 0, bytes.length, offset)
    this.#dirty = true
  }

  /** Tells the file from another one of its name; undefined once it is closed. */
  async inode(): Promise<number | undefined> {
    return this.#closed ? undefined : (await this.#handle.stat()).ino
  }

  /** Resolves once all that was written is on the disk, also when another call has begun to force it there. */
  async sync(): Promise<void> {
    if (this.#dirty && !this.#closed) {
      this.#dirty = false
      this.#synced = this.#handle.datasync()
    }
    await this.#synced
  }

  async close(): Promise<void> {
    if (this.#closed) return
    try {
      await this.sync()
    } finally {
      this.#closed = true
      await this.#handle.close()
    }
  }
}

function unwritten(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left = [...pieces]
  while (left[0] && left[0].length <= bytes) bytes -= left.shift()!.length
  if (left[0] && bytes > 0) left[0] = left[0].subarray(bytes)
  return left
}
