/**
 * The newest pictures of boards as files: `images/<board>/frame_YYYYMMDD_HHMMSS_001.jpg`, beside the recordings.
 *
 * A picture is whole or not there, also after a crash; not after a power cut, since none is forced to the disk: at 15 a second of each
 * board that would hold up recordings. They are a convenience: a disk that is slow gets fewer of them, and no recording waits.
 */

import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, folderStamp } from '../time.ts'

/** In the data folder. */
const IMAGES = 'images'
/** Bytes of one board's pictures that may wait for the disk; of more the newest are left out. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
const NAME = /^frame_\d{8}_\d{6}_\d{3,}\.jpg$/
/** What is not whole; it does not end in .jpg. */
const TEMPORARY = /^\.frame_.*\.tmp$/

export interface BoardImagesOptions {
  dataDir: string
  /** So many of each board; 0: none. */
  keep: number
  clock: Clock
  /** A picture could not be kept: the disk refused it, or is slow. */
  onFailure: (board: string, reason: string) => void
}

interface Waiting {
  name: string
  bytes: Uint8Array
}

export class BoardImages {
  readonly #options: BoardImagesOptions
  readonly #folders = new Map<string, ImageFolder>()

  constructor(options: BoardImagesOptions) {
    this.#options = options
  }

  /** A board has connected: its pictures are numbered from 001. */
  connected(board: string): void {
    if (this.#options.keep === 0) return
    const folder = this.#folders.get(board) ?? new ImageFolder(board, this.#options)
    folder.number = 0
    folder.isGone = false
    this.#folders.set(board, folder)
  }

  /** Keeps a picture, if the disk keeps up. Never throws. */
  add(board: string, bytes: Uint8Array): void {
    this.#folders.get(board)?.add(bytes)
  }

  /** A board is waited for no longer: what is known of its folder is forgotten. */
  gone(board: string): void {
    const folder = this.#folders.get(board)
    if (!folder) return
    folder.isGone = true
    void folder.idle.then(() => {
      if (folder.isGone) this.#folders.delete(board)
    })
  }

  /** Resolves once what waits is written. */
  async close(): Promise<void> {
    await Promise.all([...this.#folders.values()].map(({ idle }) => idle))
  }
}

class ImageFolder {
  number = 0
  isGone = false
  idle: Promise<void>
  readonly #path: string
  readonly #board: string
  readonly #options: BoardImagesOptions
  /** Names on the disk, the oldest first. */
  readonly #kept = new Set<string>()
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #isWriting = true

  constructor(board: string, options: BoardImagesOptions) {
    this.#board = board
    this.#options = options
    this.#path = join(options.dataDir, IMAGES, board)
    this.idle = this.#open().then(() => this.#writeAll())
  }

  add(bytes: Uint8Array): void {
    this.number += 1
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#options.onFailure(this.#board, 'the disk is slow')
      return
    }
    this.#waitingBytes += bytes.length
    const number = String(this.number).padStart(3, '0')
    this.#waiting.push({ name: `frame_${folderStamp(this.#options.clock.wallMs())}_${number}.jpg`, bytes })
    if (this.#isWriting) return
    this.#isWriting = true
    this.idle = this.#writeAll()
  }

  /** Listed once: from then on the names are known. */
  async #open(): Promise<void> {
    const names = await readdir(this.#path).catch(() => [])
    for (const name of names.filter((one) => NAME.test(one)).sort(byAge)) this.#kept.add(name)
    const half = names.filter((one) => TEMPORARY.test(one))
    await Promise.all(half.map((name) => rm(join(this.#path, name), { force: true }).catch(() => {})))
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await this.#write(next).catch((error: Error) => this.#options.onFailure(this.#board, error.message))
      this.#waitingBytes -= next.bytes.length
    }
    this.#isWriting = false
  }

  async #write({ name, bytes }: Waiting): Promise<void> {
    const temporary = join(this.#path, `.${name}.tmp`)
    try {
      await this.#writeNew(temporary, bytes)
      await rename(temporary, join(this.#path, name))
    } catch (error) {
      // On a full disk it holds the little space that the next attempt needs.
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
    // A board that connects twice within a second uses a name again.
    this.#kept.delete(name)
    this.#kept.add(name)
    for (const oldest of this.#kept) {
      if (this.#kept.size <= this.#options.keep) return
      this.#kept.delete(oldest)
      await rm(join(this.#path, oldest), { force: true })
    }
  }

  async #writeNew(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await writeFile(path, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await mkdir(this.#path, { recursive: true })
      await writeFile(path, bytes)
    }
  }
}

/** By the second, then by number, which may have more than three digits. */
function byAge(a: string, b: string): number {
  const stamp = 'frame_YYYYMMDD_HHMMSS'.length
  const [first, second] = [a.slice(0, stamp), b.slice(0, stamp)]
  if (first !== second) return first < second ? -1 : 1
  return Number.parseInt(a.slice(stamp + 1), 10) - Number.parseInt(b.slice(stamp + 1), 10)
}
