/** The integrity account of one recording: what arrived, what is missing, and where. Pure. */

import type { Integrity } from './document.ts'

/** A place in the film: part 1 is stream.mp4, 0 is before the first keyframe; media time in that part, in ms. */
export interface Place {
  part: number
  atMs: number
}

/** Places kept of each kind: a recording's document stays readable, and bounded. */
const MAX_PLACES = 1000
/** A sequence number further ahead than this is no loss but another count. */
const MAX_MISSING_RUN = 100_000
/** A picture this far back, with a later capture time, is another count too. */
const MAX_REPEAT_DISTANCE = 64

export class IntegrityAccount {
  readonly figures: Integrity = {
    packets: 0,
    malformed: 0,
    notH264: 0,
    configurationPackets: 0,
    missing: 0,
    repeated: 0,
    outOfOrder: 0,
    sequenceRestarts: 0,
    backwardTimes: 0,
    equalTimes: 0,
    picturesBeforeKeyframe: 0,
    missingAt: [],
    gaps: [],
    gapCount: 0,
    clockJumps: [],
  }
  #expected: number | undefined
  /** Another count may begin, and numbers wrap. */
  readonly #mayRestart: boolean

  /**
   * @param first - The number that is to come first, where the camera has said it: what it leaves out ahead is missing, however
   *   much that is.
   */
  constructor(first?: number) {
    this.#expected = first
    this.#mayRestart = first === undefined
  }

  /**
   * Counts a sequence number.
   *
   * @param sequence - uint32; wraps.
   * @param later - The packet was captured later than all before it, or is a configuration packet: a number far
   *   back is then a new count, not a repeat.
   * @returns Whether it is one that came before.
   */
  sequence(sequence: number, later: boolean, place: Place): 'new' | 'repeated' {
    const expected = this.#expected
    const ahead = expected === undefined ? 0 : (sequence - expected) >>> 0
    const isAhead = ahead < 2 ** 31
    if (isAhead || expected === undefined) {
      if (this.#mayRestart && ahead > MAX_MISSING_RUN) this.figures.sequenceRestarts += 1
      else if (ahead > 0) this.#miss(expected!, ahead, place)
      this.#expected = (sequence + 1) >>> 0
      return 'new'
    }
    if (this.#found(sequence)) {
      this.figures.outOfOrder += 1
      return 'new'
    }
    const back = (expected - sequence) >>> 0
    if (later && (sequence === 0 || back > MAX_REPEAT_DISTANCE)) {
      this.figures.sequenceRestarts += 1
      this.#expected = (sequence + 1) >>> 0
      return 'new'
    }
    this.figures.repeated += 1
    return 'repeated'
  }

  /** The camera has said how many there were in all: what it leaves out behind the last one is missing. */
  ends(next: number, place: Place): void {
    const expected = this.#expected ?? 0
    if (next > expected) this.#miss(expected, next - expected, place)
    this.#expected = Math.max(expected, next)
  }

  gap(place: Place, durationMs: number): void {
    this.figures.gapCount += 1
    if (this.figures.gaps.length < MAX_PLACES) this.figures.gaps.push({ ...place, durationMs })
  }

  clockJump(place: Place, jumpMs: number): void {
    if (this.figures.clockJumps.length < MAX_PLACES) this.figures.clockJumps.push({ ...place, jumpMs })
  }

  #miss(sequence: number, count: number, place: Place): void {
    this.figures.missing += count
    if (this.figures.missingAt.length < MAX_PLACES) this.figures.missingAt.push({ ...place, sequence, count })
  }

  /** Takes a late number out of the missing ones. */
  #found(sequence: number): boolean {
    const places = this.figures.missingAt
    const i = places.findIndex((run) => (sequence - run.sequence) >>> 0 < run.count)
    const run = places[i]
    if (!run) return false
    const before = (sequence - run.sequence) >>> 0
    const rest = [
      { ...run, count: before },
      { ...run, sequence: (sequence + 1) >>> 0, count: run.count - before - 1 },
    ]
    places.splice(i, 1, ...rest.filter(({ count }) => count > 0))
    // Splitting a run may make one place too many.
    if (places.length > MAX_PLACES) places.pop()
    this.figures.missing -= 1
    return true
  }
}
