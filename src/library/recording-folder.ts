/**
 * One recording's folder: the only place where media goes to disk.
 *
 * All writes wait in one queue and are gathered, so that the busier the disk, the fewer and larger the writes.
 * Nothing here blocks the event loop, and nothing throws at the caller: `onFailure` is told once.
 */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { Finish } from '../mp4/writer.ts'
import type { RecordingDocument } from '../recording/document.ts'
import type { Batch, FilesEvents, RecordingFiles } from '../recording/files.ts'
import { partFile } from '../recording/part.ts'
import { folderStamp } from '../time.ts'
import { AppendFile } from './append-file.ts'
import { saveAtomically, syncDirectory } from './atomic-file.ts'

/** File names in a recording's folder. */
export const FILES = {
  raw: 'stream.h264',
  rows: 'frames.csv',
  document: 'recording.json',
  thumbnail: 'thumbnail.jpg',
  /** Empty; while it is there, retention leaves the recording alone. */
  star: 'starred',
} as const

/** Told how long the disk took. */
export interface DiskMeter {
  /** Fragments were written, with their rows and payloads, gathered. */
  wrote: (tookMs: number, bytes: number) => void
  /** All files of a recording were forced onto the disk. */
  synced: (tookMs: number) => void
}

export interface RecordingFolderOptions extends FilesEvents {
  /** The data folder; it exists. */
  dataDir: string
  /** As `folderName` makes it; a folder of that name is never reused. */
  name: string
  keepRaw: boolean
  syncIntervalMs: number
  meter?: DiskMeter
  /** stream.mp4 of this folder holds its first picture. */
  onThumbnail: (folder: string) => void
}

/** Folders of one name that may begin in one second. */
const MAX_SAME_NAME = 10_000

type Job = { batch: Batch } | { save: RecordingDocument } | { thumbnail: true }

export class RecordingFolder implements RecordingFiles {
  readonly id: Promise<string>
  readonly #options: RecordingFolderOptions
  readonly #parts = new Map<number, AppendFile>()
  #folder = ''
  #raw: AppendFile | undefined
  #rows: AppendFile | undefined
  #jobs: Job[] = []
  #queuedBytes = 0
  #pump: Promise<void> | undefined
  #syncTimer: NodeJS.Timeout | undefined
  #syncing: Promise<void> | undefined
  #failed = false

  constructor(options: RecordingFolderOptions) {
    this.#options = options
    this.id = this.#open()
    this.id.catch((error) => this.#fail(error))
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  append(batch: Batch): void {
    if (batch.rows.length > 0 || batch.raw.length > 0 || batch.part) this.#enqueue({ batch })
  }

  save(document: RecordingDocument): void {
    this.#enqueue({ save: document })
  }

  thumbnail(): void {
    this.#enqueue({ thumbnail: true })
  }

  async close(last: RecordingDocument | undefined): Promise<void> {
    clearInterval(this.#syncTimer)
    while (this.#pump || this.#syncing) await Promise.all([this.#pump, this.#syncing])
    const files = [this.#raw, this.#rows, ...this.#parts.values()]
    this.#raw = this.#rows = undefined
    this.#parts.clear()
    const results = await Promise.allSettled(files.map((file) => file?.close()))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) this.#fail(failed.reason)
    if (this.#failed && last) await this.#save(last).catch(() => undefined)
  }

  async #open(): Promise<string> {
    const { dataDir, name, keepRaw, syncIntervalMs } = this.#options
    const id = await makeFolder(dataDir, name)
    this.#folder = join(dataDir, id)
    if (keepRaw) this.#raw = await AppendFile.create(join(this.#folder, FILES.raw))
    this.#rows = await AppendFile.create(join(this.#folder, FILES.rows))
    await syncDirectory(dataDir)
    this.#syncTimer = setInterval(() => this.#sync(), syncIntervalMs)
    return id
  }

  #enqueue(job: Job): void {
    if (this.#failed) return
    this.#jobs.push(job)
    if ('batch' in job) this.#queuedBytes += batchBytes(job.batch)
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined
    })
  }

  async #run(): Promise<void> {
    try {
      await this.id
      while (this.#jobs.length > 0 && !this.#failed) {
        const jobs = this.#jobs
        this.#jobs = []
        const bytes = jobs.reduce((sum, job) => sum + ('batch' in job ? batchBytes(job.batch) : 0), 0)
        const batches = jobs.flatMap((job) => ('batch' in job ? [job.batch] : []))
        const beganMs = performance.now()
        await this.#write(batches)
        this.#queuedBytes -= bytes
        if (bytes > 0) this.#options.meter?.wrote(performance.now() - beganMs, bytes)
        for (const { onWritten } of batches) onWritten()
        this.#options.onWritten()
        // Of several documents the last one tells all.
        const saves = jobs.flatMap((job) => ('save' in job ? [job.save] : []))
        const document = saves.at(-1)
        if (document) await this.#save(document)
        if (jobs.some((job) => 'thumbnail' in job)) this.#options.onThumbnail(this.#folder)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Rows, then payloads, then MP4: for every picture that the MP4 holds, the other files have theirs too. */
  async #write(batches: Batch[]): Promise<void> {
    if (batches.length === 0) return
    await this.#rows?.append([Buffer.from(batches.map(({ rows }) => rows).join(''))])
    await this.#raw?.append(batches.flatMap(({ raw }) => raw))
    let pieces: Uint8Array[] = []
    for (const [i, { part }] of batches.entries()) {
      if (!part) continue
      pieces = pieces.concat(part.bytes)
      const next = batches.slice(i + 1).find((batch) => batch.part)?.part
      if (next?.number === part.number && !part.finish) continue
      const file = await this.#partFile(part.number)
      await file.append(pieces)
      pieces = []
      if (part.finish) await this.#finishPart(part.number, file, part.finish)
    }
  }

  async #partFile(number: number): Promise<AppendFile> {
    const known = this.#parts.get(number)
    if (known) return known
    const file = await AppendFile.create(join(this.#folder, partFile(number)))
    this.#parts.set(number, file)
    await syncDirectory(this.#folder)
    return file
  }

  /** Before the patch the file is fragmented, after it ordinary; the index must be on the disk first. */
  async #finishPart(number: number, file: AppendFile, { append, patch }: Finish): Promise<void> {
    await file.append(append)
    await file.sync()
    await file.patch(patch.offset, patch.bytes)
    await this.#syncing
    this.#parts.delete(number)
    await file.close()
  }

  async #save(document: RecordingDocument): Promise<void> {
    // What the document says must not be on the disk before the media that it speaks of.
    if (document.state !== 'recording') await Promise.all([this.#raw?.sync(), this.#rows?.sync()])
    await saveAtomically(this.#folder, FILES.document, `${JSON.stringify(document, null, 2)}\n`)
  }

  /** fdatasync of all that was written; one round at a time, so that a slow disk stretches the interval. */
  #sync(): void {
    if (this.#syncing || this.#failed) return
    const files = [this.#raw, this.#rows, ...this.#parts.values()]
    const beganMs = performance.now()
    this.#syncing = Promise.all(files.map((file) => file?.sync()))
      .then(
        () => this.#options.meter?.synced(performance.now() - beganMs),
        (error) => this.#fail(error),
      )
      .finally(() => {
        this.#syncing = undefined
      })
  }

  #fail(cause: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#jobs = []
    this.#queuedBytes = 0
    const error =
      cause instanceof StorageError
        ? cause
        : new StorageError('STORAGE_FAILED', `the disk failed: ${(cause as Error).message}`, { cause })
    this.#options.onFailure(error)
  }
}

function batchBytes({ rows, raw, part }: Batch): number {
  let bytes = rows.length
  for (const piece of raw) bytes += piece.length
  for (const piece of part?.bytes ?? []) bytes += piece.length
  return bytes
}

async function makeFolder(dataDir: string, name: string): Promise<string> {
  for (let n = 1; n <= MAX_SAME_NAME; n += 1) {
    const id = n === 1 ? name : `${name}_${n}`
    try {
      await mkdir(join(dataDir, id))
      return id
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new StorageError('STORAGE_FAILED', `${MAX_SAME_NAME} recordings are named ${name} already`)
}

/** File systems take 255 bytes; time and number come behind. */
const MAX_CAMERA_CHARS = 100

/** `<camera>_<YYYYMMDD_HHMMSS>`, with nothing of a camera's id that a file system or a command line reads otherwise. */
export function folderName(cameraId: string, startedAtMs: number): string {
  const safe = cameraId.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]+/, '')
  return `${safe.slice(0, MAX_CAMERA_CHARS) || 'camera'}_${folderStamp(startedAtMs)}`
}
