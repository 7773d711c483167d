/** A file as it stands at one moment. It may grow, be closed or be removed while it is read. */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { RequestError } from '../errors.ts'

/** What closing an MP4 overwrites lies in here. */
const HEAD_BYTES = 4096
const PIECE_BYTES = 256 * 1024
const MAX_WHOLE_BYTES = 1024 * 1024

export class Snapshot {
  readonly bytes: number
  readonly inode: bigint
  readonly modifiedNs: bigint
  readonly #handle: FileHandle
  /** The first bytes, read before the length was. */
  readonly head: Buffer

  private constructor(
    handle: FileHandle,
    found: { size: bigint; ino: bigint; mtimeNs: bigint },
    head: Buffer,
  ) {
    this.#handle = handle
    this.bytes = Number(found.size)
    this.inode = found.ino
    this.modifiedNs = found.mtimeNs
    this.head = head
  }

  /**
   * Opens a file; close it again.
   *
   * @param head - Its first bytes as an earlier look found them.
   * @throws {RequestError} `NOT_FOUND` when there is no such file; a symbolic link, a folder or a pipe is none.
   */
  static async open(path: string, head?: Buffer): Promise<Snapshot> {
    const handle = await openFile(path)
    try {
      if (!(await handle.stat()).isFile()) throw notFound()
      // The head before the length: an MP4 that is closed in between is whole with the later length, not with the earlier one.
      const first = head ?? (await readHead(handle))
      const found = await handle.stat({ bigint: true })
      return new Snapshot(handle, found, first)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /**
   * Bytes from `first` to `last`, both inclusive, in pieces.
   *
   * @throws {Error} when the file has become shorter.
   */
  async *read(first = 0, last = this.bytes - 1): AsyncGenerator<Buffer> {
    let at = first
    if (at < this.head.length && at <= last) {
      const piece = this.head.subarray(at, last + 1)
      yield piece
      at += piece.length
    }
    while (at <= last) {
      const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, last + 1 - at))
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) throw new Error('the file became shorter while it was read')
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  }

  /** All of it at once; undefined when it is larger than what is read so. */
  async whole(): Promise<Buffer | undefined> {
    if (this.bytes > MAX_WHOLE_BYTES) return undefined
    const pieces: Buffer[] = []
    for await (const piece of this.read()) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** May be called twice; a read that runs comes to its end first. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => {})
  }
}

async function readHead(handle: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0)
  return head.subarray(0, bytesRead)
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Not to wait for whoever writes, should it be a pipe.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') throw notFound()
    throw error
  }
}

function notFound(): RequestError {
  return new RequestError('NOT_FOUND', 'there is no such file')
}
