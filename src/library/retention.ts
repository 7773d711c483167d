/**
 * Removes what the limits leave no room for: once a minute and after each close, never on the way of the data.
 *
 * A folder goes by a rename into the trash, so that it is there whole or not at all. A symbolic link is never followed.
 */

import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { syncDirectory } from './atomic-file.ts'
import { FILES } from './file-names.ts'
import { freeBytes } from './free-space.ts'
import { TRASH } from './own-folder.ts'
import { FOLDER_NAME, readDocument } from './recover.ts'
import {
  chooseVictims,
  type Kept,
  type Limits,
  type Reason,
  type Unmet,
  unmetLimits,
  type Victim,
} from './retention-policy.ts'

/** How often it is looked, in ms. */
const EVERY_MS = 60_000
/** Recordings that one run removes at most. */
const MAX_PER_RUN = 20
/** What could not be moved is tried again after this long, in ms, so that it does not hold up the others. */
const AGAIN_MS = 3_600_000
/**
 * Some file systems tell late that space is free: for this long, in ms, what was removed counts as free by itself, lest more
 * goes than need be. Less than `EVERY_MS`.
 */
const SETTLE_MS = 45_000
/** A step of the wall clock beyond this makes ages doubtful for as long, in ms. */
const CLOCK_STEP_MS = 3_600_000

export interface RetentionOptions {
  dataDir: string
  limits: Limits
  clock: Clock
  /** Whether someone reads a recording or has it in hand. */
  isBusy: (id: string) => boolean
  /** Removes what people have deleted and could still have back: that goes before any other. */
  emptyDeleted?: () => Promise<void>
  onRemoved: (removed: Victim) => void
  /** Something stays that should go; it is tried again. */
  onFailure: (error: StorageError) => void
  /** Other limits than before cannot be met, or none is left of them: told when that changes, not at each look. */
  onUnmet?: (unmet: Unmet[]) => void
  /** The wall clock was set: for an hour nothing goes by its age. */
  onClockStep: (stepMs: number) => void
}

export class Retention {
  readonly #options: RetentionOptions
  readonly #trash: string
  readonly #timer: NodeJS.Timeout | undefined
  /** What is known of folders at rest, by the time at which their entries last changed. */
  #known = new Map<string, { changedMs: number; kept: Kept }>()
  readonly #stuck = new Map<string, number>()
  /** What was removed of late. */
  #freed = { bytes: 0, untilMs: Number.NEGATIVE_INFINITY }
  #wallAheadMs: number
  #agesFromMs = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  #again = false
  /** Limits that could not be met at the last look. */
  #unmet = ''
  #closed = false

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#trash = join(options.dataDir, ...TRASH)
    this.#wallAheadMs = this.#aheadMs()
    if (this.#isOn) this.#timer = setInterval(() => this.run(), EVERY_MS).unref()
  }

  get #isOn(): boolean {
    const { keepDays, keepBytes, minFree } = this.#options.limits
    return keepDays > 0 || keepBytes > 0 || minFree > 0
  }

  /** Removes what an earlier server had in its trash. */
  async begin(): Promise<void> {
    await this.#emptyTrash()
    await this.run()
  }

  /** Looks now, or once more when it is looking already. Never rejects; resolves when nothing is left to do. */
  run(): Promise<void> {
    if (!this.#isOn || this.#closed) return this.#running ?? Promise.resolve()
    this.#again = true
    this.#running ??= this.#runs().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Lets the removal that runs come to its end; begins no other. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#running
  }

  async #runs(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        // What the trash still holds takes room: to move more there would free nothing.
        if (await this.#emptyTrash()) await this.#look()
      } catch (error) {
        this.#fail(`retention cannot read ${this.#options.dataDir}`, error)
      }
    }
  }

  async #look(): Promise<void> {
    const { limits, emptyDeleted } = this.#options
    if (emptyDeleted && ((await this.#freeBytes()) ?? Number.POSITIVE_INFINITY) < limits.minFree)
      await emptyDeleted()
    const recordings = await this.#list()
    const freeBytes = await this.#freeBytes()
    const nowMs = this.#trustedWallMs()
    const victims = chooseVictims(recordings, limits, { nowMs, freeBytes, most: MAX_PER_RUN })
    this.#tellUnmet(unmetLimits(recordings, limits, { victims, freeBytes }))
    for (const victim of victims) {
      if (this.#closed) return
      await this.#remove(victim)
    }
  }

  #tellUnmet(unmet: Unmet[]): void {
    const names = unmet.map(({ limit }) => limit).join()
    if (names === this.#unmet) return
    this.#unmet = names
    this.#options.onUnmet?.(unmet)
  }

  /** Every folder that is named like a recording. */
  async #list(): Promise<Kept[]> {
    const { dataDir, clock, isBusy } = this.#options
    const nowMs = clock.monotonicMs()
    for (const [id, untilMs] of this.#stuck) if (untilMs <= nowMs) this.#stuck.delete(id)
    const known = this.#known
    this.#known = new Map()
    const recordings: Kept[] = []
    for (const entry of await readdir(dataDir, { withFileTypes: true })) {
      if (this.#closed) break
      const id = entry.name
      if (!entry.isDirectory() || !FOLDER_NAME.test(id)) continue
      const folder = join(dataDir, id)
      const changedMs = (await lstat(folder).catch(() => undefined))?.mtimeMs
      if (changedMs === undefined) continue
      const before = known.get(id)
      const kept = before?.changedMs === changedMs ? before.kept : await lookAt(folder, id)
      if (!kept) continue
      if (kept.atRest) this.#known.set(id, { changedMs, kept })
      recordings.push({ ...kept, busy: isBusy(id) || this.#stuck.has(id) })
    }
    return recordings
  }

  async #freeBytes(): Promise<number | undefined> {
    const { dataDir, clock } = this.#options
    const free = await freeBytes(dataDir)
    if (clock.monotonicMs() >= this.#freed.untilMs) this.#freed.bytes = 0
    return free === undefined ? undefined : free + this.#freed.bytes
  }

  async #remove(victim: Victim): Promise<void> {
    const { dataDir, isBusy, onRemoved } = this.#options
    const { id } = victim
    const folder = join(dataDir, id)
    const inTrash = join(this.#trash, id)
    try {
      // The server's own folder may hold what is for its user alone.
      await mkdir(this.#trash, { recursive: true, mode: 0o700 })
      // Someone may have begun to read it, or starred it, while others were removed.
      if (isBusy(id) || (await isThere(join(folder, FILES.star)))) return
      await rename(folder, inTrash)
    } catch (error) {
      if (!(await isThere(folder))) return
      this.#stuck.set(id, this.#options.clock.monotonicMs() + AGAIN_MS)
      return this.#fail(`${id} should go (${victim.reason}), but cannot be moved to the trash`, error)
    }
    onRemoved(victim)
    try {
      await syncDirectory(this.#trash)
      await syncDirectory(dataDir)
      await rm(inTrash, { recursive: true, force: true })
      const { bytes } = this.#freed
      this.#freed = { bytes: bytes + victim.bytes, untilMs: this.#options.clock.monotonicMs() + SETTLE_MS }
    } catch (error) {
      this.#fail(`${id} is in the trash, but cannot be removed`, error)
    }
  }

  /** @returns Whether it is empty now. */
  async #emptyTrash(): Promise<boolean> {
    const { dataDir } = this.#options
    try {
      for (const path of [join(dataDir, TRASH[0]), this.#trash]) {
        const found = await lstat(path).catch(() => undefined)
        if (!found) return true
        if (!found.isDirectory()) throw new Error(`${path} is no folder`)
      }
      for (const name of await readdir(this.#trash))
        await rm(join(this.#trash, name), { recursive: true, force: true })
      return true
    } catch (error) {
      this.#fail('the trash cannot be emptied', error)
      return false
    }
  }

  /** The wall clock; undefined for an hour after it was set, so that a wrong date does not empty the disk at once. */
  #trustedWallMs(): number | undefined {
    const { clock, onClockStep } = this.#options
    const stepMs = this.#aheadMs() - this.#wallAheadMs
    this.#wallAheadMs += stepMs
    if (Math.abs(stepMs) > CLOCK_STEP_MS) {
      this.#agesFromMs = clock.monotonicMs() + CLOCK_STEP_MS
      if (this.#options.limits.keepDays > 0) onClockStep(stepMs)
    }
    return clock.monotonicMs() < this.#agesFromMs ? undefined : clock.wallMs()
  }

  #aheadMs(): number {
    const { clock } = this.#options
    return clock.wallMs() - clock.monotonicMs()
  }

  #fail(what: string, cause: unknown): void {
    const message = `${what}: ${(cause as Error).message}`
    this.#options.onFailure(new StorageError('STORAGE_FAILED', message, { cause }))
  }
}

/** A recording's folder; undefined when it is gone. Its own files count, links by their own size. */
async function lookAt(folder: string, id: string): Promise<Kept | undefined> {
  const names = await readdir(folder).catch(() => undefined)
  if (!names) return undefined
  let bytes = 0
  let documentIsFile = false
  for (const name of names) {
    const file = await lstat(join(folder, name)).catch(() => undefined)
    bytes += file?.size ?? 0
    if (name === FILES.document) documentIsFile = file?.isFile() === true
  }
  const document = documentIsFile ? await readDocument(folder) : undefined
  return {
    id,
    atRest: document !== undefined && document.state !== 'recording',
    endedAtMs: document?.endedAtMs ?? document?.startedAtMs ?? 0,
    bytes,
    starred: names.includes(FILES.star),
    busy: false,
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

/** Why a recording went, for people: the limit with its value. */
export function reasonText(reason: Reason, limits: Limits): string {
  const limit = `${reason} ${limits[reason]}`
  if (reason === 'keepDays') return `older than ${limit}`
  return reason === 'keepBytes' ? `all together took more than ${limit}` : `less than ${limit} was free`
}
