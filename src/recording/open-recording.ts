/** A recording that is open, from the making of its folder to the last recording.json, and what the log hears of it. */

import type { StorageError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RecordingDocument } from './document.ts'
import type { Recording } from './recording.ts'

/** recording.json is written at most this often for new parts, in ms. */
const SAVE_MS = 1000

export interface OpenRecordingOptions {
  recording: Recording
  /** The folder's name, once it is made; rejects when it cannot be. */
  id: Promise<string>
  camera: string
  /** Pictures that came before it and that no recording holds. */
  droppedBefore: number
  log: Log
}

export class OpenRecording {
  readonly recording: Recording
  /** The folder's name, once it is known. */
  name: string | undefined
  /** What of the disk ends it. */
  cause: StorageError | undefined
  readonly #options: OpenRecordingOptions
  readonly #id: Promise<string | undefined>
  /** Times that the camera had to wait for the disk. */
  #diskWaits = 0
  /** recording.json does not tell of the latest part. */
  #isUnsaved = false
  /** When it was last told of one, by the monotonic clock, in ms. */
  #savedMs = Number.NEGATIVE_INFINITY
  #isEnded = false

  constructor(options: OpenRecordingOptions) {
    const { recording, camera, droppedBefore, log } = options
    this.#options = options
    this.recording = recording
    this.#id = options.id.then(
      (id) => {
        this.name = id
        recording.save(id)
        log.info({ camera, recording: id, ...(droppedBefore > 0 && { droppedBefore }) }, 'begins')
        return id
      },
      () => undefined,
    )
  }

  /** Pictures that nothing on the disk tells of, should it end now. */
  get untoldPictures(): number {
    return this.name === undefined ? this.#options.droppedBefore + this.recording.status().pictures : 0
  }

  /** The camera has to wait. The log needs the first time; how often is told when the recording is closed. */
  waits(): void {
    this.#diskWaits += 1
    if (this.#diskWaits === 1)
      this.#options.log.warn({ camera: this.#options.camera }, 'the disk is behind: the camera has to wait')
  }

  /** A part begins: recording.json tells of it soon. */
  partBegan(monotonicMs: number): void {
    this.#options.log.debug({ camera: this.#options.camera, recording: this.name }, 'begins a new part')
    this.#isUnsaved = true
    this.tick(monotonicMs)
  }

  /** A crash finds the codec and the configuration packets counted; a camera of many parts makes no more of it. */
  tick(monotonicMs: number): void {
    if (!this.#isUnsaved || monotonicMs - this.#savedMs < SAVE_MS) return
    this.#isUnsaved = false
    this.#savedMs = monotonicMs
    this.#id.then((id) => {
      if (id !== undefined && !this.#isEnded) this.recording.save(id)
    })
  }

  /**
   * Ends it; every file is whole and synced when the promise resolves.
   *
   * @param reason - For the log.
   * @returns recording.json as it is on the disk; undefined when there is none.
   */
  async end(reason: string): Promise<RecordingDocument | undefined> {
    this.#isEnded = true
    const id = await this.#id
    const document = await this.recording.close(id, this.cause)
    if (document) this.#tell(document, reason)
    return document
  }

  #tell({ id, pictures, durationMs, integrity, state }: RecordingDocument, reason: string): void {
    const { log, camera } = this.#options
    if (state === 'recording') {
      log.warn({ camera, recording: id }, 'there is no space to close it: it is closed when there is some')
      return
    }
    const figures = {
      camera,
      recording: id,
      pictures,
      // Short: the line is to fit into a terminal, and recording.json has it whole.
      seconds: Math.round(durationMs / 100) / 10,
      ...(integrity.missing > 0 && { missing: integrity.missing }),
      ...(integrity.droppedAtEnd && { droppedAtEnd: integrity.droppedAtEnd }),
      ...(this.#diskWaits > 0 && { diskWaits: this.#diskWaits }),
    }
    log.info({ ...figures, reason }, state === 'failed' ? 'failed' : 'closed')
  }
}
