/** Lets a camera wait while the disk is behind: its socket is not read, and the phone's own queue takes over. */

import type { Clock } from '../time.ts'
import type { SharedDisk } from './files.ts'

export interface BackpressureOptions {
  disk: Pick<SharedDisk, 'queuedBytes'>
  /** Stops and resumes reading from the camera. */
  setPaused: (paused: boolean) => void
  clock: Clock
  /** Of one recording: above this the camera waits until less than half of it is left. */
  maxQueuedBytes: number
  /** The same for all recordings together. */
  maxQueuedTotalBytes: number
}

export class Backpressure {
  readonly #options: BackpressureOptions
  #isPaused = false
  #sinceMs = 0
  #pausedMs = 0

  constructor(options: BackpressureOptions) {
    this.#options = options
  }

  /** That the camera has had to wait so far, in ms. */
  get pausedMs(): number {
    return this.#pausedMs + (this.#isPaused ? this.#options.clock.monotonicMs() - this.#sinceMs : 0)
  }

  /**
   * Something was added to what waits for the disk.
   *
   * @param queuedBytes - Of the camera's recording.
   * @returns Whether this is what makes the camera wait.
   */
  queued(queuedBytes: number): boolean {
    const { disk, maxQueuedBytes, maxQueuedTotalBytes } = this.#options
    if (this.#isPaused || (queuedBytes <= maxQueuedBytes && disk.queuedBytes <= maxQueuedTotalBytes))
      return false
    this.#isPaused = true
    this.#sinceMs = this.#options.clock.monotonicMs()
    this.#options.setPaused(true)
    return true
  }

  /** Something was written, of this recording or of another. */
  written(queuedBytes: number): void {
    const { disk, maxQueuedBytes, maxQueuedTotalBytes } = this.#options
    if (queuedBytes < maxQueuedBytes / 2 && disk.queuedBytes < maxQueuedTotalBytes / 2) this.release()
  }

  /** Nothing of the camera waits any more. */
  release(): void {
    if (!this.#isPaused) return
    this.#pausedMs = this.pausedMs
    this.#isPaused = false
    this.#options.setPaused(false)
  }
}
