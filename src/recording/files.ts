/** What a recording needs of the disk. `library/` implements it; tests may keep it in memory. */

import type { StorageError } from '../errors.ts'
import type { Finish } from '../mp4/writer.ts'
import type { RecordingDocument } from './document.ts'

/** Bytes of one flush. They are written in this order, so that no file names what another does not hold yet. */
export interface Batch {
  /** Lines of frames.csv. */
  rows: string
  /** How many pictures the rows tell of. */
  pictures: number
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
  /** All that was appended before the `sync` of this mark is on the disk. */
  onSynced: (mark: number) => void
}

/** The disk that all recordings share. */
export interface SharedDisk {
  /** So little space is left that no recording can begin. */
  readonly isFull: boolean
  /** There is enough space to begin again after the disk ended a recording. */
  readonly hasRoom: boolean
  /** Bytes of all recordings that wait for it. */
  readonly queuedBytes: number
  /** Why nothing can begin while `isFull`. */
  fullError(): StorageError
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
  /** Forces onto the disk what was appended so far, beside what comes then; one round at a time. `onSynced` tells the mark. */
  sync(mark: number): void
  /** Makes thumbnail.jpg from the first picture of stream.mp4, some time after all batches so far. */
  thumbnail(): void
  /**
   * Writes all that waits, syncs and closes. Resolves also after a failure: then it keeps what can be kept.
   *
   * @param last - recording.json as it is when all was written.
   * @returns recording.json as it is now; in the state `recording` when a full disk leaves the folder to be closed later.
   */
  close(last: RecordingDocument | undefined): Promise<RecordingDocument | undefined>
}
