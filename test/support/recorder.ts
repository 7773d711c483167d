/** A recorder whose folders, clock and log lie in memory. */

import pino from 'pino'
import { StorageError } from '../../src/errors.ts'
import type { RecordingDocument } from '../../src/recording/document.ts'
import type { Batch, FilesEvents, RecordingFiles } from '../../src/recording/files.ts'
import { BLOCK_BYTES, BlockPool } from '../../src/recording/payload-blocks.ts'
import { Places } from '../../src/recording/places.ts'
import { Recorder } from '../../src/recording/recorder.ts'
import type { RecorderOptions } from '../../src/recording/recorder-options.ts'
import { CONFIGURATION } from './h264.ts'

export const START_MS = Date.UTC(2026, 10, 24, 13, 49, 2)
export const HOLD_MS = 10_000
export const HOLD_BYTES = 4000
export const MAX_QUEUED_BYTES = 1000

/** A recording's folder in memory. */
export class MemoryFiles implements RecordingFiles {
  readonly id: Promise<string>
  queuedBytes = 0
  rows = ''
  /** stream.h264 */
  raw = Buffer.alloc(0)
  readonly saved: RecordingDocument[] = []
  /** Forced writes: below which number all is to be on the disk, and what was in frames.csv then. */
  readonly synced: { mark: number; sequences: number[] }[] = []
  thumbnails = 0
  isClosed = false
  #failure: StorageError | undefined
  readonly #events: FilesEvents

  constructor(id: Promise<string>, events: FilesEvents) {
    this.id = id
    this.#events = events
  }

  fail(error: StorageError): void {
    this.#failure = error
    this.#events.onFailure(error)
  }

  append({ rows, raw, onWritten }: Batch): void {
    this.rows += rows
    this.raw = Buffer.concat([this.raw, ...raw])
    onWritten()
  }

  /** The disk has caught up so far that this much waits. */
  written(queuedBytes: number): void {
    this.queuedBytes = queuedBytes
    this.#events.onWritten()
  }

  save(document: RecordingDocument): void {
    this.saved.push(document)
  }

  sync(mark: number): void {
    this.synced.push({ mark, sequences: this.sequences })
  }

  thumbnail(): void {
    this.thumbnails += 1
  }

  async close(last: RecordingDocument | undefined): Promise<RecordingDocument | undefined> {
    this.isClosed = true
    return last && this.#ended(last)
  }

  #ended(last: RecordingDocument): RecordingDocument {
    if (!this.#failure) return last
    const { code, message } = this.#failure
    const errors = last.errors.some((error) => error.code === code)
      ? last.errors
      : [...last.errors, { code, message }]
    const document: RecordingDocument = { ...last, state: code === 'DISK_FULL' ? 'closed' : 'failed', errors }
    this.saved.push(document)
    return document
  }

  /** The last recording.json. */
  get document(): RecordingDocument {
    return this.saved.at(-1)!
  }

  /** Sequence numbers of the pictures in frames.csv. */
  get sequences(): number[] {
    return this.rows
      .split('\n')
      .slice(1, -1)
      .map((row) => Number(row.split(',')[0]))
  }
}

/** A recorder with folders in memory, a clock that stands still until it is moved, and a log that is kept. */
export function setUpRecorder(options: Partial<RecorderOptions> = {}) {
  const folders: MemoryFiles[] = []
  const lines: { level: number; msg: string; pictures?: number }[] = []
  const paused: boolean[] = []
  const time = { nowMs: 0 }
  const disk = {
    isFull: false,
    hasRoom: true,
    queuedBytes: 0,
    fullError: () => new StorageError('DISK_FULL', 'no space'),
  }
  const recorder = new Recorder({
    camera: '192.0.2.7_40312',
    format: 'h264',
    device: () => ({ model: 'Pixel 6a', address: '192.0.2.7', path: '/android-cam' }),
    take: () => 'take_1',
    openFiles: (_startedAtMs, events) => {
      const files = new MemoryFiles(Promise.resolve(`folder_${folders.length + 1}`), events)
      folders.push(files)
      return files
    },
    disk,
    places: new Places(100),
    setPaused: (value) => paused.push(value),
    clock: { wallMs: () => START_MS + time.nowMs, monotonicMs: () => time.nowMs },
    log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) }),
    fragmentMs: 1000,
    syncIntervalMs: 60_000,
    maxGapMs: 10_000,
    blocks: new BlockPool(BLOCK_BYTES),
    maxQueuedBytes: MAX_QUEUED_BYTES,
    maxQueuedTotalBytes: 4 * MAX_QUEUED_BYTES,
    earlyHoldMs: HOLD_MS,
    earlyHoldBytes: HOLD_BYTES,
    ...options,
  })
  /** Sends payloads with ascending sequence numbers, 100 ms apart on the camera's clock; configuration at time 0. */
  const send = (sequence: number, ...payloads: Uint8Array[]) => {
    for (const [i, payload] of payloads.entries()) {
      const captureMs = payload === CONFIGURATION ? 0 : 70_000 + (sequence + i) * 100
      recorder.packet({ captureMs, sequence: sequence + i, payload }, time.nowMs)
    }
  }
  const warnings = () => lines.filter(({ level }) => level === 40)
  return { recorder, folders, lines, warnings, paused, disk, time, send }
}
