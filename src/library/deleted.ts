/**
 * Recordings that people have deleted: for a while they can come back.
 *
 * Each lies in `.rollcall/deleted` under `<ms since 1970>.<id>`, so that a server that is started anew knows the rest of its
 * time. When that is over, or when space is needed, it goes as retention removes: into the trash, then for good.
 */

import { lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError, StorageError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { syncDirectory } from './atomic-file.ts'
import { OWN_FOLDER, TRASH } from './own-folder.ts'

/** How long a recording can come back, in ms. */
export const KEEP_DELETED_MS = 600_000
/** How often it is looked, in ms. */
const EVERY_MS = 5000
const NAME = /^(\d{1,15})\.(.+)$/

interface Item {
  /** In `.rollcall/deleted`. */
  name: string
  id: string
  /** It goes then, by the monotonic clock, in ms. */
  untilMs: number
}

export interface DeletedOptions {
  dataDir: string
  clock: Clock
  /** Whether someone reads a recording. */
  isReading: (id: string) => boolean
  onFailure: (error: StorageError) => void
}

export class Deleted {
  readonly #options: DeletedOptions
  readonly #folder: string
  readonly #trash: string
  #items: Item[] = []
  #timer: NodeJS.Timeout | undefined
  #purging: Promise<void> | undefined

  constructor(options: DeletedOptions) {
    this.#options = options
    this.#folder = join(options.dataDir, OWN_FOLDER, 'deleted')
    this.#trash = join(options.dataDir, ...TRASH)
  }

  /** Finds what an earlier server had deleted. Never rejects. */
  async begin(): Promise<void> {
    const { clock } = this.#options
    try {
      await this.#checkPlaces()
      for (const name of await readdir(this.#folder).catch(noneWhenAbsent)) {
        const [, deletedAtMs, id] = NAME.exec(name) ?? []
        if (id === undefined || this.#items.some((item) => item.name === name)) continue
        // A clock that was set back must keep nothing for ever.
        const ageMs = Math.max(0, clock.wallMs() - Number(deletedAtMs))
        this.#items.push({ name, id, untilMs: clock.monotonicMs() + Math.max(0, KEEP_DELETED_MS - ageMs) })
      }
    } catch (error) {
      this.#fail('what was deleted cannot be read', error)
    }
    this.#timer = setInterval(() => void this.purge(), EVERY_MS).unref()
    await this.purge()
  }

  /** Lets the removal that runs come to its end. May be called twice. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#purging
  }

  /** Where a deleted recording lies. */
  pathOf(id: string): string | undefined {
    const item = this.#items.findLast((one) => one.id === id)
    return item && join(this.#folder, item.name)
  }

  /**
   * Takes a recording away; when the promise resolves that lasts.
   *
   * @throws {RequestError} `NOT_FOUND` when it is not there any more; {StorageError} when the disk refuses.
   */
  async take(id: string): Promise<void> {
    const { dataDir, clock } = this.#options
    const name = `${Math.floor(clock.wallMs())}.${id}`
    try {
      await this.#checkPlaces()
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await rename(join(dataDir, id), join(this.#folder, name))
      this.#items.push({ name, id, untilMs: clock.monotonicMs() + KEEP_DELETED_MS })
      await syncDirectory(this.#folder)
      await syncDirectory(dataDir)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        throw new RequestError('NOT_FOUND', 'there is no such recording')
      const message = `${id} cannot be deleted: ${(cause as Error).message}`
      throw new StorageError('STORAGE_FAILED', message, { cause })
    }
  }

  /**
   * Brings a recording back.
   *
   * @throws {RequestError} `NOT_FOUND` when its time is over, `RECORDING_EXISTS`; {StorageError} when the disk refuses.
   */
  async restore(id: string): Promise<void> {
    const { dataDir } = this.#options
    await this.#purging
    const item = this.#items.findLast((one) => one.id === id)
    if (!item)
      throw new RequestError(
        'NOT_FOUND',
        'no such recording was deleted, or it was too long ago, or space was needed',
      )
    const folder = join(dataDir, id)
    try {
      // A rename would take the place of an empty folder: this one is ours.
      await mkdir(folder)
      await rename(join(this.#folder, item.name), folder).catch(async (error) => {
        await rmdir(folder)
        throw error
      })
      this.#items = this.#items.filter((one) => one !== item)
      await syncDirectory(dataDir)
      await syncDirectory(this.#folder)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'EEXIST')
        throw new RequestError('RECORDING_EXISTS', 'there is another recording of this name')
      if (code === 'ENOENT') throw new RequestError('NOT_FOUND', 'it was removed by hand')
      throw new StorageError('STORAGE_FAILED', `${id} cannot come back: ${message}`, { cause })
    }
  }

  /**
   * Removes for good what was deleted too long ago. What somebody reads stays until they have done.
   *
   * @param all - Everything: space is needed.
   */
  purge({ all = false } = {}): Promise<void> {
    const { clock, isReading } = this.#options
    const nowMs = clock.monotonicMs()
    const goes = ({ id, untilMs }: Item) => (all || untilMs <= nowMs) && !isReading(id)
    if (!this.#items.some(goes)) return this.#purging ?? Promise.resolve()
    const before = this.#purging ?? Promise.resolve()
    const purging = before
      .then(() => this.#remove(this.#items.filter(goes)))
      .finally(() => {
        if (this.#purging === purging) this.#purging = undefined
      })
    this.#purging = purging
    return purging
  }

  async #remove(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      const inTrash = join(this.#trash, item.name)
      try {
        await this.#checkPlaces()
        await mkdir(this.#trash, { recursive: true, mode: 0o700 })
        await rename(join(this.#folder, item.name), inTrash)
        this.#items = this.#items.filter((one) => one !== item)
        await syncDirectory(this.#trash)
        await syncDirectory(this.#folder)
        await rm(inTrash, { recursive: true, force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT')
          this.#items = this.#items.filter((one) => one !== item)
        else this.#fail(`${item.id} was deleted, but cannot be removed`, error)
      }
    }
  }

  /** A symbolic link would lead elsewhere. */
  async #checkPlaces(): Promise<void> {
    for (const path of [join(this.#options.dataDir, OWN_FOLDER), this.#folder, this.#trash]) {
      const found = await lstat(path).catch(() => undefined)
      if (found && !found.isDirectory()) throw new Error(`${path} is no folder`)
    }
  }

  #fail(what: string, cause: unknown): void {
    const message = `${what}: ${(cause as Error).message}`
    this.#options.onFailure(new StorageError('STORAGE_FAILED', message, { cause }))
  }
}

function noneWhenAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
