/** What an ESP32 board needs beside what records and shows it: its commands, its words, the take that it films for. */

import type { Board } from '../ingest/board.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Takes } from '../recording/take.ts'
import type { CameraView } from '../wire/api/cameras.ts'
import { type BoardSettings, boardAsked, readBoardWords } from '../wire/board.ts'
import { STOP_CAPTURE_TEXT } from '../wire/messages.ts'

export class BoardPart {
  readonly #board: Board
  readonly #recorder: Recorder
  readonly #takes: Takes
  /** Texts that are none of its words. */
  #unknown = 0

  constructor(board: Board, recorder: Recorder, takes: Takes) {
    this.#board = board
    this.#recorder = recorder
    this.#takes = takes
    board.on('told', (text) => {
      if (boardAsked(text)?.kind !== 'start') return
      takes.startedByHand(board.id)
      this.#changeTake()
    })
  }

  get isCapturing(): boolean {
    return this.#board.isCapturing
  }

  /** Of what it captures, whether or not it could be recorded. */
  get counts(): { pictures: number; bytes: number } {
    return this.#board
  }

  get size(): { width: number; height: number } | undefined {
    return this.#board.size
  }

  /** Its recording may go on: one that came back does not capture, though its recording waits for it. */
  get mayRecord(): boolean {
    return this.#board.isAway || this.#board.isCapturing
  }

  /** It films for the take that runs, and would be known when it comes back. */
  get isAwaited(): boolean {
    const { take } = this.#recorder
    return this.#board.mayReturn() && take !== undefined && take === this.#takes.runningId
  }

  view(): CameraView['board'] {
    const { isCapturing, settings } = this.#board
    const { resolution = null, quality = null } = settings
    return { isCapturing, resolution, quality, unknown: this.#unknown }
  }

  /** A start is about to ask this of it; what is left out stays as it was. */
  ask({ resolution, quality }: BoardSettings): void {
    const { settings } = this.#board
    if (resolution !== undefined) settings.resolution = resolution
    if (quality !== undefined) settings.quality = quality
  }

  /** A command of a take, in its own language. */
  send(text: string): Promise<void> {
    if (text === STOP_CAPTURE_TEXT) return this.#board.stop()
    this.#changeTake()
    return this.#board.start()
  }

  /** @returns Whether a text is one of its words. What is none is counted. */
  knows(text: string): boolean {
    if (readBoardWords(text).kind !== 'other') return true
    this.#unknown += 1
    return false
  }

  /** It captures from now on. What it says again when it is back is known: its recording goes on. */
  started(): void {
    if (!this.#recorder.isRecording) this.#begin()
  }

  /** One that captures already does not begin anew: what comes from here on is of the take that it is started for. */
  #changeTake(): void {
    const { isCapturing, id } = this.#board
    if (isCapturing && this.#recorder.take !== this.#takes.takeOf(id)) this.#begin()
  }

  #begin(): void {
    this.#board.countAnew()
    this.#recorder.captureStarted()
  }
}
