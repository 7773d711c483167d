/**
 * The list of recordings, in memory. The folders are the truth: it is made from them at start, and made right again when
 * people remove, rename or add folders by hand.
 *
 * A folder is read again when its inode or the time of its entries has changed. The names in the data folder are looked at
 * again whenever that folder has changed, each folder once in a while.
 */

import { EventEmitter } from 'node:events'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { StorageError } from '../errors.ts'
import type { RecordingSummary, RecordingsQuery } from '../wire/api/recordings.ts'
import { replaceIn, sorted } from './query.ts'
import { FOLDER_NAME } from './recover.ts'
import { readSummary } from './summary.ts'

/** Between two looks at every folder, in ms; longer when one takes long, so that looking takes little of the time. */
const SCAN_MS = 10_000
const PAUSE_FACTOR = 20
/** Folders that are looked at at once: half of Node's threads stay for the recordings. */
const AT_ONCE = 2
/** So many are looked at before others have their turn. */
const SLICE = 16
/** File systems count time in steps: what changed less than this ago, in ms, may change again without a trace. */
const RACY_MS = 100

export interface CatalogueEvents {
  /** It is new, or something of it has changed. */
  changed: [RecordingSummary]
  gone: [id: string]
}

interface Entry {
  /** Inode and time of the folder as it was read; undefined: too fresh to be trusted. */
  stamp: string | undefined
  /** undefined: a folder without a recording.json that can be read. */
  summary: RecordingSummary | undefined
}

export class Catalogue extends EventEmitter<CatalogueEvents> {
  readonly #dataDir: string
  readonly #onFailure: (error: StorageError) => void
  readonly #entries = new Map<string, Entry>()
  readonly #sorted = new Map<RecordingsQuery['sort'], RecordingSummary[]>()
  /** Of the data folder when its names were read. */
  #namesStamp: string | undefined
  #timer: NodeJS.Timeout | undefined
  /** The first look at all of them. */
  #loaded: Promise<void> = Promise.resolve()
  #isLoaded = false
  #scanning: Promise<void> | undefined
  /** Each folder is read by one at a time. */
  readonly #reading = new Map<string, Promise<void>>()
  #closed = false

  constructor(options: { dataDir: string; onFailure: (error: StorageError) => void }) {
    super()
    this.#dataDir = options.dataDir
    this.#onFailure = options.onFailure
  }

  /** Begins to read the folders; whoever asks meanwhile waits. */
  begin(): void {
    this.#loaded = this.#scanAgain()
  }

  /** Ends what runs. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#scanning
    await Promise.all(this.#reading.values())
  }

  /** All recordings in an order, as the folders are now. */
  async list(sort: RecordingsQuery['sort']): Promise<readonly RecordingSummary[]> {
    await this.#freshen()
    let list = this.#sorted.get(sort)
    if (!list) {
      list = sorted(
        [...this.#entries.values()].flatMap(({ summary }) => summary ?? []),
        sort,
      )
      this.#sorted.set(sort, list)
    }
    return list
  }

  /** One recording, as its folder is now. */
  async find(id: string): Promise<RecordingSummary | undefined> {
    if (!isId(id)) return undefined
    await this.touch(id)
    return this.#entries.get(id)?.summary
  }

  /** What is known of a recording, without a look. */
  known(id: string): RecordingSummary | undefined {
    return this.#entries.get(id)?.summary
  }

  /** Where a recording lies. Only for an id that `find` knows. */
  folderOf(id: string): string {
    return join(this.#dataDir, id)
  }

  /** Something has changed in a folder, or it is gone: reads it again. Never rejects. */
  touch(id: string): Promise<void> {
    return isId(id) ? this.#touch(id) : Promise.resolve()
  }

  #touch(id: string, isNews = true): Promise<void> {
    const before = this.#reading.get(id) ?? Promise.resolve()
    const reading = before
      .then(() => this.#look(id, isNews))
      .catch((error) => this.#fail(error))
      .finally(() => {
        if (this.#reading.get(id) === reading) this.#reading.delete(id)
      })
    this.#reading.set(id, reading)
    return reading
  }

  /** Looks at every folder; reads those that have changed. Never rejects. */
  scan(): Promise<void> {
    this.#scanning ??= this.#scan()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#scanning = undefined
      })
    return this.#scanning
  }

  async #scanAgain(): Promise<void> {
    const beganMs = performance.now()
    await this.scan()
    if (this.#closed) return
    const pauseMs = Math.max(SCAN_MS, PAUSE_FACTOR * (performance.now() - beganMs))
    this.#timer = setTimeout(() => void this.#scanAgain(), pauseMs).unref()
  }

  async #scan(): Promise<void> {
    // What was there before the server is no news.
    const isNews = this.#isLoaded
    const names = await this.#names()
    await this.#each(names, (id) => this.#touch(id, isNews))
    this.#isLoaded = true
  }

  /** Folders that came or went by hand, as soon as somebody asks. */
  async #freshen(): Promise<void> {
    await this.#loaded
    const found = await stat(this.#dataDir, { bigint: true }).catch(() => undefined)
    if (!found || stampOf(found) === this.#namesStamp) return
    const names = await this.#names()
    await this.#each(
      names.filter((id) => !this.#entries.has(id)),
      (id) => this.touch(id),
    )
  }

  /** Names that recordings may have; those that seem to be there no more are looked at. */
  async #names(): Promise<string[]> {
    const before = await stat(this.#dataDir, { bigint: true })
    const names = (await readdir(this.#dataDir)).filter((name) => this.#entries.has(name) || isId(name))
    const there = new Set(names)
    const missing = [...this.#entries.keys()].filter((id) => !there.has(id))
    // One that came back, or came, while names were read is in no list and there all the same.
    await this.#each(missing, (id) => this.touch(id))
    this.#namesStamp = isRacy(before) ? undefined : stampOf(before)
    return names
  }

  async #each(ids: readonly string[], look: (id: string) => Promise<void>): Promise<void> {
    let next = 0
    const work = async () => {
      while (next < ids.length && !this.#closed) {
        next += 1
        await look(ids[next - 1]!)
        if (next % SLICE === 0) await nextTurn()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  async #look(id: string, isNews: boolean): Promise<void> {
    const folder = this.folderOf(id)
    const found = await lstat(folder, { bigint: true }).catch(() => undefined)
    if (!found?.isDirectory()) return this.#drop(id)
    const stamp = stampOf(found)
    const before = this.#entries.get(id)
    // A recording's files grow without a trace in its folder.
    if (before?.stamp === stamp && before.summary?.state !== 'recording') return
    const summary = await readSummary(folder, id)
    this.#entries.set(id, { stamp: isRacy(found) ? undefined : stamp, summary })
    this.#replace(before?.summary, summary)
    if (JSON.stringify(summary) === JSON.stringify(before?.summary)) return
    if (summary && isNews) this.emit('changed', summary)
    else if (before?.summary) this.emit('gone', id)
  }

  #fail(cause: Error): void {
    const message = `the list of recordings may be old: ${cause.message}`
    this.#onFailure(new StorageError('STORAGE_FAILED', message, { cause }))
  }

  #drop(id: string): void {
    const before = this.#entries.get(id)
    if (!this.#entries.delete(id) || !before?.summary) return
    this.#replace(before.summary, undefined)
    this.emit('gone', id)
  }

  #replace(before: RecordingSummary | undefined, after: RecordingSummary | undefined): void {
    for (const [sort, list] of this.#sorted) replaceIn(list, sort, before, after)
  }
}

interface Found {
  ino: bigint
  mtimeNs: bigint
}

function stampOf({ ino, mtimeNs }: Found): string {
  return `${ino} ${mtimeNs}`
}

function isRacy({ mtimeNs }: Found): boolean {
  return Math.abs(Date.now() - Number(mtimeNs / 1_000_000n)) < RACY_MS
}

/** Names that the server gives: no path, no hidden file, nothing that a file system reads otherwise. */
function isId(name: string): boolean {
  return name.length <= 255 && !/[/\\\0]/.test(name) && !name.startsWith('.') && FOLDER_NAME.test(name)
}
