/**
 * One recording's folder: the only place where media goes to disk.
 *
 * All writes wait in one queue and are gathered, so that the busier the disk, the fewer and larger the writes.
 * Nothing here blocks the event loop, and nothing throws at the caller: `onFailure` is told once.
 */

import { access, constants, mkdir, rm, stat } from 'node:fs/promises'
import { constants as os } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { Finish } from '../mp4/writer.ts'
import type { RecordingDocument } from '../recording/document.ts'
import type { Batch, FilesEvents, RecordingFiles } from '../recording/files.ts'
import { partFile } from '../recording/part.ts'
import { folderStamp } from '../time.ts'
import { AppendFile } from './append-file.ts'
import { saveAtomically, syncDirectory } from './atomic-file.ts'
import type { DiskSpace } from './disk-space.ts'
import { FILES } from './file-names.ts'
import { recoverFolder } from './recover.ts'

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
  /** Goes on with a folder that is there, and with its last part. */
  begun?: { id: string; part: number } | undefined
  meter?: DiskMeter
  /** As recovery needs it, when the disk is full and the folder is closed from its own bytes. */
  maxGapMs: number
  /** Told what waits and what was written. */
  disk: Pick<DiskSpace, 'queuedBytes' | 'writtenBytes' | 'leave'>
  /** stream.mp4 of this folder holds its first picture. */
  onThumbnail: (folder: string) => void
  /** recording.json of this folder was written. */
  onSaved?: (folder: string) => void
}

/** Folders of one name that may begin in one second. */
const MAX_SAME_NAME = 10_000
/** What the system says when there is no space. Node has no name for the second: numbers tell. */
const FULL: Record<number, string> = {
  [os.errno.ENOSPC]: 'no space is left on it',
  [os.errno.EDQUOT]: 'the quota is used up',
}

type Job = { batch: Batch } | { save: RecordingDocument } | { sync: number } | { thumbnail: true }

export class RecordingFolder implements RecordingFiles {
  readonly id: Promise<string>
  readonly #options: RecordingFolderOptions
  readonly #parts = new Map<number, AppendFile>()
  #folder = ''
  #raw: AppendFile | undefined
  #rows: AppendFile | undefined
  #jobs: Job[] = []
  /** Jobs that are being written. */
  #writing: Job[] = []
  #queuedBytes = 0
  #pump: Promise<void> | undefined
  #syncing: Promise<void> | undefined
  /** Asked for while one ran. */
  #syncAgain = false
  /** Of the latest that was asked for. */
  #syncMark = 0
  #failure: StorageError | undefined
  /** Pictures that were not written for certain when the disk failed. */
  #lostPictures = 0

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

  sync(mark: number): void {
    this.#enqueue({ sync: mark })
  }

  thumbnail(): void {
    this.#enqueue({ thumbnail: true })
  }

  async close(last: RecordingDocument | undefined): Promise<RecordingDocument | undefined> {
    while (this.#pump || this.#syncing) await Promise.all([this.#pump, this.#syncing])
    const files = [this.#raw, this.#rows, ...this.#parts.values()]
    this.#raw = this.#rows = undefined
    this.#parts.clear()
    const results = await Promise.allSettled(files.map((file) => file?.close()))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) this.#fail(failed.reason)
    if (!this.#failure || !last) return last
    const { code, message } = this.#failure
    const known = last.errors.some((error) => error.code === code)
    const errors = known ? last.errors : [...last.errors, { code, message }]
    if (code === 'DISK_FULL') return this.#closeFromBytes({ ...last, errors })
    const { disk } = this.#options
    const integrity = { ...last.integrity, droppedAtEnd: this.#lostPictures }
    const document: RecordingDocument = { ...last, state: 'failed', errors, integrity }
    await this.#save(document).catch((error) => {
      // Whoever removed the folder wants it no more.
      if (error.code !== 'ENOENT') disk.leave(() => this.#save(document).then(() => document))
    })
    return document
  }

  /** There was no space left: cuts off what is not whole, and ends the folder with what it has, now or later. */
  async #closeFromBytes(ended: RecordingDocument): Promise<RecordingDocument> {
    const close = async () => {
      const { document } = await recoverFolder(this.#folder, this.#options.maxGapMs, ended)
      this.#options.onSaved?.(this.#folder)
      return document
    }
    try {
      return await close()
    } catch {
      this.#options.disk.leave(close)
      return { ...ended, state: 'recording' }
    }
  }

  async #open(): Promise<string> {
    const { dataDir, name, keepRaw, begun } = this.#options
    if (begun) return this.#goOn(begun.id)
    const id = await makeFolder(dataDir, name)
    this.#folder = join(dataDir, id)
    try {
      if (keepRaw) this.#raw = await AppendFile.create(join(this.#folder, FILES.raw))
      this.#rows = await AppendFile.create(join(this.#folder, FILES.rows))
      await syncDirectory(dataDir)
    } catch (error) {
      // Nothing is in it yet: a disk that refuses again and again must not be filled with empty folders.
      await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined)
      throw error
    }
    return id
  }

  async #goOn(id: string): Promise<string> {
    this.#folder = join(this.#options.dataDir, id)
    const raw = join(this.#folder, FILES.raw)
    if (await isFile(raw)) this.#raw = await AppendFile.goOn(raw)
    this.#rows = await AppendFile.goOn(join(this.#folder, FILES.rows))
    return id
  }

  #enqueue(job: Job): void {
    if (this.#failure) {
      if ('batch' in job) this.#lostPictures += job.batch.pictures
      return
    }
    this.#jobs.push(job)
    if ('batch' in job) this.#wait(batchBytes(job.batch))
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined
    })
  }

  /** @param bytes - More that wait; less than 0 when they are written. */
  #wait(bytes: number): void {
    this.#queuedBytes += bytes
    this.#options.disk.queuedBytes += bytes
  }

  async #run(): Promise<void> {
    const { disk, meter, onWritten, onThumbnail } = this.#options
    try {
      await this.id
      while (this.#jobs.length > 0 && !this.#failure) {
        const jobs = this.#jobs
        this.#jobs = []
        this.#writing = jobs
        const batches = batchesOf(jobs)
        const beganMs = performance.now()
        await this.#write(batches)
        if (this.#failure) return
        this.#writing = []
        const bytes = batches.reduce((sum, batch) => sum + batchBytes(batch), 0)
        this.#wait(-bytes)
        disk.writtenBytes += bytes
        if (bytes > 0) meter?.wrote(performance.now() - beganMs, bytes)
        for (const batch of batches) batch.onWritten()
        onWritten()
        // Of several documents the last one tells all.
        const saves = jobs.flatMap((job) => ('save' in job ? [job.save] : []))
        const document = saves.at(-1)
        if (document) await this.#save(document)
        const marks = jobs.flatMap((job) => ('sync' in job ? [job.sync] : []))
        if (marks.length > 0) this.#sync(marks.at(-1)!)
        if (jobs.some((job) => 'thumbnail' in job)) onThumbnail(this.#folder)
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
    const path = join(this.#folder, partFile(number))
    const isBegun = this.#options.begun?.part === number
    const file = await (isBegun ? AppendFile.goOn(path) : AppendFile.create(path))
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
    this.#options.onSaved?.(this.#folder)
  }

  /** fdatasync of all that was written; one round at a time, so that a slow disk stretches the interval. */
  #sync(mark: number): void {
    this.#syncMark = mark
    this.#syncAgain = this.#syncing !== undefined
    if (this.#syncing || this.#failure) return
    const files = [this.#raw, this.#rows, ...this.#parts.values()]
    const beganMs = performance.now()
    this.#syncing = Promise.all(files.map((file) => file?.sync()))
      .then(() => {
        this.#options.meter?.synced(performance.now() - beganMs)
        return this.#look()
      })
      .then(() => this.#options.onSynced(mark))
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#syncing = undefined
        if (this.#syncAgain) this.#sync(this.#syncMark)
      })
  }

  /** A folder or film that was removed, moved or closed to us still takes writes by its open files, and all would be lost. */
  async #look(): Promise<void> {
    if (this.#rows && !(await this.#isInPlace(FILES.rows, this.#rows)))
      throw new StorageError('STORAGE_FAILED', `the folder ${this.#folder} was removed or moved`)
    // A part may be closed meanwhile.
    for (const [number, file] of this.#parts)
      if (!(await this.#isInPlace(partFile(number), file)) && this.#parts.has(number))
        throw new StorageError(
          'STORAGE_FAILED',
          `${partFile(number)} of ${this.#folder} was removed or moved`,
        )
    await access(this.#folder, constants.W_OK | constants.X_OK)
  }

  async #isInPlace(name: string, file: AppendFile): Promise<boolean> {
    const found = await stat(join(this.#folder, name)).catch((cause) => {
      if (cause.code !== 'ENOENT') throw cause
    })
    return found?.ino === (await file.inode())
  }

  #fail(cause: unknown): void {
    if (this.#failure) return
    for (const { pictures } of batchesOf([...this.#writing, ...this.#jobs])) this.#lostPictures += pictures
    this.#jobs = []
    this.#wait(-this.#queuedBytes)
    this.#failure = cause instanceof StorageError ? cause : storageError(cause as NodeJS.ErrnoException)
    this.#options.onFailure(this.#failure)
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

function storageError(cause: NodeJS.ErrnoException): StorageError {
  const full = FULL[Math.abs(cause.errno ?? 0)]
  if (full) return new StorageError('DISK_FULL', `the disk is full: ${full} (${cause.syscall})`, { cause })
  return new StorageError('STORAGE_FAILED', `the disk failed: ${cause.message}`, { cause })
}

function batchesOf(jobs: readonly Job[]): Batch[] {
  return jobs.flatMap((job) => ('batch' in job ? [job.batch] : []))
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
