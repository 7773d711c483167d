/** Rows of frames.csv gone through again, to make the integrity account that a crash took. Pure. */

import { IntegrityAccount } from '../recording/account.ts'
import { estimateRate, type RateEstimate } from '../recording/rate.ts'
import { type Pace, Timeline } from '../recording/timeline.ts'
import type { Row } from './rows.ts'

export class Replay {
  readonly account: IntegrityAccount
  rows = 0
  bytes = 0
  firstArrivalMs: number | undefined
  lastArrivalMs: number | undefined
  /** Of the latest row; undefined when that one came back from the MP4. */
  lastSequence: number | undefined
  readonly #maxGapMs: number
  #firstCaptureMs: number | undefined
  #lastCaptureMs: number | undefined
  #part: { number: number; timeline: Timeline; firstCaptureMs: number | undefined } | undefined

  /** @param from - The number that was to come first, of protocol 2. */
  constructor(maxGapMs: number, from?: number) {
    this.account = new IntegrityAccount(from)
    this.#maxGapMs = maxGapMs
  }

  /**
   * Takes the next row.
   *
   * @param part - Number of the part that holds the picture; undefined when none does.
   * @param pace - Of that part.
   * @returns The capture time of the part's media time 0, when this row begins a part and knows it.
   */
  add(row: Row, part: number | undefined, pace: Pace): number | undefined {
    this.rows += 1
    this.bytes += row.bytes
    this.firstArrivalMs ??= row.arrivalMs
    this.lastArrivalMs = row.arrivalMs ?? this.lastArrivalMs
    this.lastSequence = row.sequence
    this.#firstCaptureMs ??= row.captureMs
    const before = this.#lastCaptureMs
    this.#lastCaptureMs = row.captureMs ?? before
    const { account } = this
    if (part === undefined) {
      if (!this.#part) account.figures.picturesBeforeKeyframe += 1
      if (row.sequence !== undefined)
        account.sequence(row.sequence, row.captureMs !== before, { part: 0, atMs: 0 })
      return undefined
    }
    const begins = this.#part?.number !== part
    if (begins) {
      const timeline = new Timeline(this.#maxGapMs, pace)
      this.#part = { number: part, timeline, firstCaptureMs: row.captureMs }
    }
    const place = { part, atMs: row.mediaMs! }
    if (begins && part > 1 && row.captureMs !== undefined && before !== undefined) {
      const jumpMs = row.captureMs - before
      if (jumpMs < 0 || jumpMs > this.#maxGapMs) account.clockJump(place, jumpMs)
    }
    const later = this.#place(row, place, before)
    if (row.sequence !== undefined) account.sequence(row.sequence, later, place)
    return begins ? row.captureMs : undefined
  }

  /** What capture time a media time of a part is, in ms; undefined when its first row is lost. */
  captureMsAt(part: number, mediaMs: number): number | undefined {
    if (this.#part?.number !== part || this.#part.firstCaptureMs === undefined) return undefined
    return Math.round(this.#part.firstCaptureMs + mediaMs)
  }

  /** Where the timeline of the latest part stands. */
  get timeline(): Timeline | undefined {
    return this.#part?.timeline
  }

  /** Of all rows that have one. */
  get captureSpan(): { firstMs: number; lastMs: number } | undefined {
    return this.#firstCaptureMs === undefined || this.#lastCaptureMs === undefined
      ? undefined
      : { firstMs: this.#firstCaptureMs, lastMs: this.#lastCaptureMs }
  }

  rate(): RateEstimate {
    const span = (first: number | undefined, last: number | undefined) =>
      first === undefined || last === undefined ? undefined : last - first
    const captureMs = span(this.#firstCaptureMs, this.#lastCaptureMs)
    return estimateRate(this.rows, captureMs, span(this.firstArrivalMs, this.lastArrivalMs))
  }

  /** Counts what the capture time tells; returns whether it lies behind all before it. */
  #place({ captureMs }: Row, place: { part: number; atMs: number }, before: number | undefined): boolean {
    const timeline = this.#part?.timeline
    if (captureMs === undefined || !timeline) return false
    let placement = timeline.place(captureMs)
    if (placement === 'jump') {
      this.account.clockJump(place, captureMs - (before ?? captureMs))
      timeline.resume(captureMs)
      placement = timeline.place(captureMs)
    }
    if (placement === 'jump') return false
    if (placement.order === 'backward') this.account.figures.backwardTimes += 1
    if (placement.order === 'equal') this.account.figures.equalTimes += 1
    if (placement.gapMs !== undefined) this.account.gap(place, placement.gapMs)
    return placement.order === 'forward'
  }
}
