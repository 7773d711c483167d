/**
 * What is on the disk and what becomes of it: the recordings, their thumbnails and playable films, what a crash left.
 *
 * Knows of cameras only what it is told of their open recordings.
 */

import { basename } from 'node:path'
import type { Config } from './config.ts'
import { DiskSpace } from './library/disk-space.ts'
import { FFMPEG_HINT, hasFfmpeg, Thumbnailer } from './library/ffmpeg.ts'
import { Library } from './library/library.ts'
import { PlayableCopies } from './library/playable-copies.ts'
import { findLeftBehind } from './library/recover.ts'
import type { RunningTake } from './library/takes.ts'
import type { Log } from './log.ts'
import type { Operation } from './operation.ts'
import { Recovery } from './recovery.ts'
import type { OpenRecordings } from './seat/open-recordings.ts'
import type { Clock } from './time.ts'
import type { RecordingSummary } from './wire/api/recordings.ts'

export interface ArchiveOptions {
  config: Config
  log: Log
  clock: Clock
  operation: Operation
  runningTake: () => RunningTake | undefined
  open: OpenRecordings
  /** A recording is there, or is not as it was. */
  onRecording: (recording: RecordingSummary) => void
  onGone: (id: string) => void
}

export class Archive {
  readonly disk: DiskSpace
  /** The recordings, as people see them. */
  readonly library: Library
  readonly recovery: Recovery
  readonly #options: ArchiveOptions
  readonly #thumbnails: Thumbnailer
  readonly #copies: PlayableCopies
  #makesThumbnails = false
  #isClosed = false

  constructor(options: ArchiveOptions) {
    this.#options = options
    this.disk = this.#makeDisk()
    this.#thumbnails = this.#makeThumbnailer()
    this.recovery = this.#makeRecovery()
    this.library = this.#makeLibrary()
    this.#copies = this.#makeCopies()
    this.library.events.on('changed', this.#tell)
    this.library.events.on('gone', (id) => {
      this.#copies.drop(id)
      options.onGone(id)
    })
  }

  /**
   * Looks over the data folder, which must be there, and begins to recover what a crash left.
   *
   * @throws {StorageError} when it cannot be read.
   */
  async open(): Promise<void> {
    const { data, ffmpeg, thumbnails } = this.#options.config
    await this.disk.look()
    // Before the first phone can begin a recording of its own.
    const { unclosed, halfThumbnails } = await findLeftBehind(data)
    this.#makesThumbnails = thumbnails
    if (thumbnails) this.#lookForFfmpeg(ffmpeg)
    for (const folder of halfThumbnails) this.holdsPicture(folder)
    await this.recovery.begin(unclosed)
    this.#beginRetention()
    this.library.begin()
    void this.#findUnplayable()
  }

  /** recording.json of this folder was written. */
  saved(folder: string): void {
    this.library.touch(basename(folder))
  }

  /** stream.mp4 of this folder holds its first picture. */
  holdsPicture(folder: string): void {
    if (this.#makesThumbnails) this.#thumbnails.add(folder)
  }

  /** Whether a recording is being written or recovered. */
  isInHand(id: string): boolean {
    return this.recovery.has(id) || this.#options.open.has(id)
  }

  /** Call a few times a second. */
  tick(): void {
    this.disk.tick()
    this.#copies.tick()
    if (!this.disk.hasRoom) void this.library.deleted.purge({ all: true })
  }

  /** Resolves once all is on the disk; the recordings must be closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.disk.endLeft()
    await this.#thumbnails.close()
    await this.#copies.close()
    await this.library.close()
  }

  #makeDisk(): DiskSpace {
    const { config, clock, log, open } = this.#options
    const { data, minFreeBytes, reserveBytes, raw } = config
    return new DiskSpace({
      dataDir: data,
      minFreeBytes,
      reserveBytes,
      copies: raw ? 2 : 1,
      clock,
      needs: () => open.endingNeeds(),
      onEnded: ({ id, state, pictures, durationMs }) => {
        this.library.touch(id)
        log.info(
          { recording: id, pictures, seconds: durationMs / 1000 },
          '%s, now that the disk takes it',
          state,
        )
      },
      onFault: (fault) => {
        if (fault) log.error('the data folder %s %s: nothing can be recorded', data, fault)
        else log.info('the data folder %s takes files again', data)
      },
    })
  }

  #makeThumbnailer(): Thumbnailer {
    const { config, operation } = this.#options
    return new Thumbnailer({
      ffmpeg: config.ffmpeg,
      timeoutMs: config.ffmpegTimeoutMs,
      onMade: (folder) => this.saved(folder),
      onFailure: ({ code, message }) =>
        operation.repeats.line({
          level: 'warn',
          key: 'thumbnail',
          fields: { code },
          message: `no thumbnail: ${message}`,
        }),
    })
  }

  #makeRecovery(): Recovery {
    const { config, clock, log, operation } = this.#options
    const { data: dataDir, maxGapMs, resumeWindowMs } = config
    return new Recovery({
      dataDir,
      maxGapMs,
      resumeWindowMs,
      clock,
      log,
      onDropped: (id) => this.library.touch(id),
      onPictures: (folder) => this.holdsPicture(folder),
      onEnd: (folder, result) => {
        operation.recovered(result)
        this.saved(folder)
      },
    })
  }

  #makeLibrary(): Library {
    const { config, clock, operation, runningTake, open } = this.#options
    return new Library({
      dataDir: config.data,
      clock,
      readers: operation.readers,
      runningTake,
      live: (id) => open.figuresOf(id),
      making: (id) => this.#copies.progressOf(id),
      isInHand: (id) => this.isInHand(id),
      onFailure: ({ code, message }) =>
        operation.repeats.line({ level: 'error', key: 'library', fields: { code }, message }),
    })
  }

  #makeCopies(): PlayableCopies {
    const { config, clock, operation } = this.#options
    return new PlayableCopies({
      ffmpeg: config.ffmpeg,
      disk: this.disk,
      maxQueuedBytes: config.maxQueuedBytes,
      clock,
      readers: operation.readers,
      folderOf: (id) => this.library.folderOf(id),
      onChange: (id) => void this.library.find(id).then(this.#tell, () => {}),
      onFailure: (id, { code, message }) =>
        operation.repeats.line({
          level: 'warn',
          key: 'playable',
          fields: { recording: id, code },
          message: `no film for browsers, stream.mp4 stays as it is: ${message}`,
        }),
    })
  }

  /** Beside all else: one that hangs must not keep the phones out. */
  #lookForFfmpeg(ffmpeg: string): void {
    hasFfmpeg(ffmpeg).then((ready) => {
      if (ready || this.#isClosed) return
      this.#makesThumbnails = false
      this.#options.log.warn('no thumbnails: %s cannot be run; %s', ffmpeg, FFMPEG_HINT)
    })
  }

  /** What was deleted by hand goes before what the limits would have. */
  async #beginRetention(): Promise<void> {
    await this.library.deleted.begin()
    await this.#options.operation.retention.begin()
  }

  readonly #tell = (recording: RecordingSummary) => {
    this.#copies.consider(recording)
    this.#options.onRecording(this.library.withLive(recording))
  }

  /** What an earlier server left undone. */
  async #findUnplayable(): Promise<void> {
    for (const recording of await this.library.all()) this.#copies.consider(recording)
  }
}
