/**
 * A camera that streams while the disk lets nothing be recorded: why, what it sent meanwhile, and when to try again.
 *
 * Pure: the time is given with every call. Pauses grow, so that a disk that fails at once is not filled with folders.
 */

import type { StorageError } from '../errors.ts'

/** Between two attempts, in ms: the first pause, doubled by each recording that fails soon. */
const FIRST_PAUSE_MS = 1000
const MAX_PAUSE_MS = 60_000

export class Suspension {
  /** Why nothing is recorded; undefined while that is not so. */
  cause: StorageError | undefined
  /** Pictures that came meanwhile. */
  droppedPictures = 0
  #pauseMs = 0
  #retryMs = 0
  #openedMs = Number.NEGATIVE_INFINITY

  /** A recording begins. */
  opened(nowMs: number): void {
    this.cause = undefined
    this.droppedPictures = 0
    this.#openedMs = nowMs
  }

  /**
   * The disk ends the recording, or lets none begin.
   *
   * @param droppedPictures - That came already and are in no recording.
   */
  begin(cause: StorageError, nowMs: number, droppedPictures = 0): void {
    this.cause = cause
    this.droppedPictures += droppedPictures
    const wasLong = nowMs - this.#openedMs > MAX_PAUSE_MS
    this.#pauseMs = wasLong ? FIRST_PAUSE_MS : Math.min(MAX_PAUSE_MS, this.#pauseMs * 2 || FIRST_PAUSE_MS)
    this.#retryMs = nowMs + this.#pauseMs
  }

  /** Whether it is time to try again. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#retryMs
  }

  /** The operator asks for it: the next keyframe may try. */
  hurry(): void {
    this.#pauseMs = 0
    this.#retryMs = 0
  }

  /**
   * The camera captures no more, or begins anew.
   *
   * @returns Pictures that no recording tells of.
   */
  end(): number {
    const dropped = this.droppedPictures
    this.cause = undefined
    this.droppedPictures = 0
    return dropped
  }
}
