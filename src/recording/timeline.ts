/**
 * Capture time to media time, for one part of a recording.
 *
 * Pure: reads no clock, does no I/O.
 */

import { TICKS_PER_MS } from '../mp4/track.ts'

/** A decoded picture buffer holds at most 16 frames (H.264 A.3.1), so reordering spans no more intervals than that. */
const MAX_REORDER_PICTURES = 16
/** Below this a jump back may be reordering whatever the rate, in ms. */
const MIN_REORDER_MS = 1000
/** How many of the latest intervals the typical one is the median of. */
const INTERVALS_KEPT = 9
/** The same of times of arrival: pictures that waited on their way come all at once, and must not make the others a gap. */
const ARRIVALS_KEPT = 99
/** Until two pictures are known: the earlier server's 10 pictures a second. */
const DEFAULT_INTERVAL_MS = 100
/** A gap is a distance of more than this many typical intervals. */
const GAP_INTERVALS = 3
/** So many intervals must be known for a median, and for a gap. */
const MIN_INTERVALS = 3
/** The same of times of arrival: the first may come all at once. */
const MIN_ARRIVALS = 20

/** Where a picture lies. */
export interface Placement {
  /** Ticks at 90 kHz since the part began; may be below earlier ones by reordering. */
  ticks: number
  /** How the capture time stands to the latest one so far. */
  order: 'forward' | 'equal' | 'backward'
  /** Length in ms of a gap of over three intervals that this picture ends. */
  gapMs: number | undefined
}

/** What the pictures of a part have in common, as far as their times go. */
export interface Pace {
  /** How many pictures the stream says may be reordered: so many may lie within a distance that would be a gap without them. */
  readonly reorderPictures: number
  /** Times are of arrival: the camera has no clock. */
  readonly isByArrival: boolean
}

/** Of a part that nothing is known of. */
export const UNKNOWN_PACE: Pace = { reorderPictures: 0, isByArrival: false }

export class Timeline {
  readonly #maxGapMs: number
  readonly #kept: number
  readonly #least: number
  #zeroMs = Number.NaN
  #latestMs = Number.NaN
  #latestTicks = 0
  #placed = 0
  readonly #intervals: number[] = []
  #nextInterval = 0
  /** Pictures placed before the latest one since that came; and the most ever, or announced. */
  #behind = 0
  #mostBehind: number

  /** @param maxGapMs - A jump of capture times beyond this, in ms, begins a new part. */
  constructor(maxGapMs: number, { reorderPictures, isByArrival }: Pace) {
    this.#maxGapMs = maxGapMs
    this.#kept = isByArrival ? ARRIVALS_KEPT : INTERVALS_KEPT
    this.#least = isByArrival ? MIN_ARRIVALS : MIN_INTERVALS
    this.#mostBehind = reorderPictures
  }

  /** Typical interval in ms: the median of the latest ones, the mean while there are few. */
  get intervalMs(): number {
    if (this.#intervals.length >= MIN_INTERVALS)
      return this.#intervals.toSorted((a, b) => a - b)[this.#intervals.length >> 1]!
    return this.#placed > 1 ? (this.#latestMs - this.#zeroMs) / (this.#placed - 1) : DEFAULT_INTERVAL_MS
  }

  /**
   * Places the next picture; the first one is media time 0.
   *
   * @param captureMs - Capture time in ms on the camera's own clock; of protocol 2 with fractions.
   * @returns `'jump'` when the camera's clock cannot have run on: more than `maxGapMs` ahead, or further back than
   *   reordering reaches. The timeline is unchanged: begin a new part, or call `resume`.
   */
  place(captureMs: number): Placement | 'jump' {
    if (Number.isNaN(this.#zeroMs)) {
      this.#zeroMs = captureMs
      this.#latestMs = captureMs
      this.#placed = 1
      return { ticks: 0, order: 'forward', gapMs: undefined }
    }
    const aheadMs = captureMs - this.#latestMs
    if (aheadMs > this.#maxGapMs || (aheadMs < 0 && -aheadMs > this.#reorderReachMs())) return 'jump'
    this.#placed += 1
    const exactTicks = Math.round((captureMs - this.#zeroMs) * TICKS_PER_MS)
    if (aheadMs < 0) {
      this.#behind += 1
      this.#mostBehind = Math.max(this.#mostBehind, this.#behind)
      return { ticks: exactTicks, order: 'backward', gapMs: undefined }
    }
    const ticks = Math.max(exactTicks, this.#latestTicks + 1)
    this.#latestTicks = ticks
    this.#latestMs = captureMs
    if (aheadMs === 0) return { ticks, order: 'equal', gapMs: undefined }
    return { ticks, order: 'forward', gapMs: this.#takeInterval(aheadMs) }
  }

  /**
   * Goes on after a jump: the picture of this capture time will lie one typical interval behind the latest, in whole
   * ms, so that ticks stay whole.
   */
  resume(captureMs: number): void {
    const intervalMs = Math.max(1, Math.round(this.intervalMs))
    this.#zeroMs += captureMs - this.#latestMs - intervalMs
    this.#latestMs = captureMs - intervalMs
  }

  #reorderReachMs(): number {
    return Math.min(this.#maxGapMs, Math.max(MIN_REORDER_MS, MAX_REORDER_PICTURES * this.intervalMs))
  }

  /** Keeps the interval behind this distance; returns the distance when it is a gap. */
  #takeInterval(aheadMs: number): number | undefined {
    const known = this.#intervals.length >= this.#least
    // Reordered pictures may still come to lie in between.
    const intervals = GAP_INTERVALS + this.#mostBehind
    // The median is needed only for what may be a gap: no other picture pays for it.
    const mayBeGap = known && aheadMs > intervals * Math.min(...this.#intervals)
    const isGap = mayBeGap && aheadMs > intervals * this.intervalMs
    this.#intervals[this.#nextInterval] = aheadMs / (1 + this.#behind)
    this.#nextInterval = (this.#nextInterval + 1) % this.#kept
    this.#behind = 0
    return isGap ? aheadMs : undefined
  }
}
