/** The recordings that cameras have open just now. */

import type { DiskSpace, EndingNeeds } from '../library/disk-space.ts'
import type { LiveFigures } from '../library/library.ts'
import type { Log } from '../log.ts'
import type { Seat } from './seat.ts'

export interface OpenRecordingsOptions {
  /** Everybody who is connected. */
  seats: () => readonly Seat[]
  /** stream.h264 is kept beside stream.mp4. */
  raw: boolean
  log: Log
}

export class OpenRecordings {
  readonly #options: OpenRecordingsOptions

  constructor(options: OpenRecordingsOptions) {
    this.#options = options
  }

  /** Whether a camera writes it. */
  has(id: string): boolean {
    return this.#seatOf(id) !== undefined
  }

  figuresOf(id: string): LiveFigures | undefined {
    const seat = this.#seatOf(id)
    const status = seat?.recorder.status()
    if (!status) return undefined
    const { pictures, missing, spanMs, bytes } = status
    const isTwice = this.#options.raw && seat!.camera.format === 'h264'
    return { pictures, missing, durationMs: spanMs, bytes: isTwice ? 2 * bytes : bytes }
  }

  /** What is needed to close them all. */
  endingNeeds(): EndingNeeds {
    const open = this.#open()
    return {
      recordings: open.length,
      bytes: open.reduce((sum, { recorder }) => sum + recorder.endingBytes, 0),
    }
  }

  /** Closes them while there is space for it. */
  endIfFull(disk: DiskSpace): void {
    if (!disk.isFull) return
    const open = this.#open()
    if (open.length === 0) return
    const cause = disk.fullError()
    const fields = { recordings: open.length, code: cause.code }
    this.#options.log.error(fields, 'recordings are closed: %s', cause.message)
    for (const { recorder } of open) recorder.endBecause(cause)
  }

  #open(): Seat[] {
    return this.#options.seats().filter(({ recorder }) => recorder.isRecording)
  }

  #seatOf(id: string): Seat | undefined {
    return this.#options.seats().find(({ recorder }) => recorder.recordingId === id)
  }
}
