/**
 * How much space the data folder has: how long it lasts, and when recordings must end while there is still some.
 *
 * Off the way of the data: the file system is asked now and then; in between, what was written is taken off.
 */

import { accessSync, constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { RequestError, StorageError } from '../errors.ts'
import type { RecordingDocument } from '../recording/document.ts'
import { type Clock, lastsText } from '../time.ts'

/** What ending the open recordings will need, besides what waits for the disk. */
export interface EndingNeeds {
  recordings: number
  /** Of all of them: indexes, and pictures that are gathered. */
  bytes: number
}

export interface DiskSpaceOptions {
  /** The data folder; it exists when `look` is called. */
  dataDir: string
  /** With less, nothing is started. */
  minFreeBytes: number
  /** Kept back besides what ending the open recordings needs. */
  reserveBytes: number
  needs: () => EndingNeeds
  /** What is written for each byte that a camera sends: 2 with stream.h264. */
  copies: number
  clock: Clock
  /** A folder that the disk had left as it was has its recording.json now. */
  onEnded: (document: RecordingDocument) => void
  /** Told when the data folder takes no files any more and why, and with undefined when it does again. */
  onFault?: (fault: string | undefined) => void
}

/** Free space as the operator sees it. */
export interface DiskReport {
  freeBytes: number
  /** At what was asked of the cameras, or at what is written where that is more; undefined when neither is known. */
  minutes: number | undefined
  /** Nothing can be started. */
  isLow: boolean
}

/** How often the file system is asked, in ms; more often when little is free, for others write too. */
const LOOK_MS = 1000
const LOOK_WHEN_LOW_MS = 200
/** What is written is averaged over at least this, in ms: fragments come in bursts. */
const RATE_MS = 2000
/** What people are told is averaged over about this, in ms: how long the space lasts must not jump. */
const STEADY_MS = 30_000
/** What making a file in a folder takes. */
const WRITABLE = constants.W_OK | constants.X_OK
/** Space that one recording needs at its end besides its index: a last recording.json twice, with full lists. */
const RECORDING_END_BYTES = 1024 * 1024
/** What comes in during this time, in s, is kept free as well: how late the end of space may be seen. */
const INTAKE_SECONDS = 2
/** The longest pause between two attempts to close what the disk refused, in ms. */
const MAX_PAUSE_MS = 60_000
/** Recordings begin again with this much more than what would end them, so that they do not end at once. */
const AGAIN_FACTOR = 1.25

export class DiskSpace {
  /** Bytes of all recordings that wait for the disk. */
  queuedBytes = 0
  /** Bytes that were given to the disk, ever. */
  writtenBytes = 0
  readonly #options: DiskSpaceOptions
  readonly #left: (() => Promise<RecordingDocument>)[] = []
  #seen: { freeBytes: number; writtenBytes: number } | undefined
  #rate = { bytesPerSecond: 0, writtenBytes: 0, sinceMs: Number.NEGATIVE_INFINITY }
  /** While recordings are open; 0 when none is. */
  #steadyBytesPerSecond = 0
  #looking: Promise<void> | undefined
  #nextLookMs = Number.NEGATIVE_INFINITY
  #ending: Promise<void> | undefined
  #leftPauseMs = 0
  #fault: string | undefined
  #nextLeftMs = Number.NEGATIVE_INFINITY

  constructor(options: DiskSpaceOptions) {
    this.#options = options
  }

  /** undefined while the file system does not tell. */
  get freeBytes(): number | undefined {
    return this.#seen && Math.max(0, this.#seen.freeBytes - (this.writtenBytes - this.#seen.writtenBytes))
  }

  /** Why the data folder takes no files, for people; undefined while it does. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** So little is free that every open recording has to end, and none can begin. */
  get isFull(): boolean {
    return (this.freeBytes ?? Number.POSITIVE_INFINITY) < this.#endBelowBytes
  }

  /** Enough is free to begin. */
  get hasRoom(): boolean {
    return this.hasRoomFor(0)
  }

  /** Enough is free to begin, and still would be with so many bytes more on the disk. */
  hasRoomFor(bytes: number): boolean {
    return (this.freeBytes ?? Number.POSITIVE_INFINITY) - bytes >= this.#beginFromBytes
  }

  get #endBelowBytes(): number {
    const { recordings, bytes } = this.#options.needs()
    const ends = bytes + (recordings + 1) * RECORDING_END_BYTES
    return this.#options.reserveBytes + ends + this.queuedBytes + INTAKE_SECONDS * this.#rate.bytesPerSecond
  }

  get #beginFromBytes(): number {
    return Math.max(this.#options.minFreeBytes, AGAIN_FACTOR * this.#endBelowBytes)
  }

  /** Asks the file system when it is time to. Call it a few times a second. */
  tick(): void {
    if (this.#options.clock.monotonicMs() >= this.#nextLookMs) void this.look()
  }

  /** Asks the file system; one question at a time. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { clock, dataDir } = this.#options
    const writtenBytes = this.writtenBytes
    try {
      const { bavail, bsize } = await statfs(dataDir)
      this.#seen = { freeBytes: bavail * bsize, writtenBytes }
    } catch {
      this.#seen = undefined
    }
    this.#setFault(await access(dataDir, WRITABLE).then(noFault, faultText))
    this.#measure(writtenBytes, clock.monotonicMs())
    this.#nextLookMs = clock.monotonicMs() + (this.hasRoom && !this.#fault ? LOOK_MS : LOOK_WHEN_LOW_MS)
    if (this.hasRoom && this.#left.length > 0 && clock.monotonicMs() >= this.#nextLeftMs) void this.endLeft()
  }

  #setFault(fault: string | undefined): void {
    if (fault === this.#fault) return
    this.#fault = fault
    this.#options.onFault?.(fault)
  }

  #measure(writtenBytes: number, atMs: number): void {
    const { writtenBytes: before, sinceMs } = this.#rate
    if (atMs - sinceMs < RATE_MS) return
    const bytesPerSecond = ((writtenBytes - before) * 1000) / (atMs - sinceMs)
    this.#rate = { bytesPerSecond, writtenBytes, sinceMs: atMs }
    const weight = 1 - Math.exp((sinceMs - atMs) / STEADY_MS)
    this.#steadyBytesPerSecond =
      this.#options.needs().recordings === 0
        ? 0
        : this.#steadyBytesPerSecond + weight * (bytesPerSecond - this.#steadyBytesPerSecond)
  }

  /**
   * Free space, and how long it lasts.
   *
   * @param bytesPerSecond - What was asked of the cameras that record, or would be of all; what they write may be more.
   */
  report(bytesPerSecond: number): DiskReport | undefined {
    const { freeBytes } = this
    if (freeBytes === undefined) return undefined
    const rate = Math.max(this.#steadyBytesPerSecond, bytesPerSecond * this.#options.copies)
    const room = Math.max(0, freeBytes - this.#endBelowBytes)
    return { freeBytes, minutes: rate > 0 ? room / rate / 60 : undefined, isLow: !this.hasRoom }
  }

  /**
   * Refuses to start cameras when too little is free, or nothing can be written at all.
   *
   * @param asked - What is to be started: cameras, and Mbit/s of each.
   * @throws {RequestError} `DISK_SPACE_LOW`, `DATA_FOLDER_UNUSABLE`
   */
  refuseIfLow({ cameras, mbps }: { cameras: number; mbps: number }): void {
    this.#refuseIfUnusable()
    const { freeBytes } = this
    if (this.hasRoom || freeBytes === undefined) return
    const rate = (cameras * mbps * 1e6 * this.#options.copies) / 8
    const minutes = Math.max(0, freeBytes - this.#endBelowBytes) / rate / 60
    const cameraText = cameras === 1 ? '1 camera' : `${cameras} cameras`
    throw new RequestError(
      'DISK_SPACE_LOW',
      `${bytesText(freeBytes)} free in ${this.#options.dataDir}, good for ${lastsText(minutes)} of ${cameraText} at ${mbps} Mbit/s; ${bytesText(this.#beginFromBytes)} must be free`,
    )
  }

  /** A fault that is known is looked at once more: it may have been mended a moment ago. */
  #refuseIfUnusable(): void {
    const { dataDir } = this.#options
    if (this.#fault === undefined) return
    try {
      accessSync(dataDir, WRITABLE)
      this.#setFault(undefined)
    } catch (error) {
      const fault = faultText(error as NodeJS.ErrnoException)
      throw new RequestError('DATA_FOLDER_UNUSABLE', `the data folder ${dataDir} ${fault}`)
    }
  }

  /** Why recordings end now. */
  fullError(): StorageError {
    const [free, kept, again] = [this.freeBytes ?? 0, this.#endBelowBytes, this.#beginFromBytes].map(
      bytesText,
    )
    return new StorageError(
      'DISK_FULL',
      `the disk is full: ${free} free in ${this.#options.dataDir}, ${kept} are kept back for closing; recording goes on once ${again} are free`,
    )
  }

  /** Keeps a folder whose end the disk refused, until it takes it. */
  leave(end: () => Promise<RecordingDocument>): void {
    this.#left.push(end)
  }

  /** Tries once more to end what the disk had refused. Never rejects. */
  endLeft(): Promise<void> {
    this.#ending ??= this.#endLeft().finally(() => {
      this.#ending = undefined
    })
    return this.#ending
  }

  async #endLeft(): Promise<void> {
    for (const end of this.#left.splice(0))
      await end().then(this.#options.onEnded, () => this.#left.push(end))
    // A quota, of which the file system does not tell, may still be used up.
    this.#leftPauseMs = this.#left.length > 0 ? Math.min(MAX_PAUSE_MS, this.#leftPauseMs * 2 || LOOK_MS) : 0
    this.#nextLeftMs = this.#options.clock.monotonicMs() + this.#leftPauseMs
  }
}

function noFault(): undefined {}

/** As what follows "the data folder". */
function faultText({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? 'is gone (ENOENT)' : `takes no files (${code ?? message})`
}

/** `1.2 GB`, `48 MB`: decimal, as disks are sold. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}
