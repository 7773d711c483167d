/** What a recording needs of the disk. `library/` implements it; tests may keep it in memory. */

import type { StorageError } from '../errors.ts'
import type { Finish } from '../mp4/writer.ts'
import type { RecordingDocument } from './document.ts'

/** Bytes of one flush. They are written in this order, so that no file names what another does not hold yet. */
export interface Batch {
  /** Lines of frames.csv. */
  rows: string
  /** Payloads for stream.h264. */
  raw: readonly Uint8Array[]
  /** Bytes for one MP4 part; `finish` comes after them and ends it. */
  part?: { number: number; bytes: readonly Uint8Array[]; finish?: Finish | undefined } | undefined
  /** Called once all of it is in the files; not after a failure. The memory of its bytes is then used again. */
  onWritten: () => void
}

/** What a folder tells its recording. */
export interface FilesEvents {
  /** The disk failed: the folder takes nothing more. Told once. */
  onFailure: (error: StorageError) => void
  /** Something that waited is written: `queuedBytes` is less. */
  onWritten: () => void
}

/** One recording's folder. Calls are carried out in order; none blocks, none throws: `onFailure` tells. */
export interface RecordingFiles {
  /** The folder's name, once it is made; rejects with `StorageError`. */
  readonly id: Promise<string>
  /** Bytes that wait for the disk. */
  readonly queuedBytes: number
  append(batch: Batch): void
  /** Writes recording.json atomically, behind all batches so far. */
  save(document: RecordingDocument): void
  /** Makes thumbnail.jpg from the first picture of stream.mp4, some time after all batches so far. */
  thumbnail(): void
  /** Writes all that waits, syncs and closes. Resolves also after a failure: then it still tries to keep `last`. */
  close(last: RecordingDocument | undefined): Promise<void>
}
