import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Placement, Timeline, UNKNOWN_PACE } from './timeline.ts'

const MAX_GAP_MS = 10_000
const BASE_MS = 4_294_967_296_123

/** Places pictures that lie so many ms behind the first one; none of them may be a jump. */
function place(timeline: Timeline, ...offsetsMs: number[]): Placement[] {
  return offsetsMs.map((ms) => {
    const placement = timeline.place(BASE_MS + ms)
    if (placement === 'jump') throw new Error(`a jump at ${ms}`)
    return placement
  })
}

function placed(...offsetsMs: number[]): Placement[] {
  return place(new Timeline(MAX_GAP_MS, UNKNOWN_PACE), ...offsetsMs)
}

/** Offsets in ms of pictures at these intervals. */
function times(...intervals: number[]): number[] {
  let at = 0
  return [0, ...intervals.map((interval) => (at += interval))]
}

const repeat = (count: number, ...intervals: number[]) =>
  Array.from({ length: count }, () => intervals).flat()

describe('media time', () => {
  it.each([
    ['10 fps from a 30 fps camera', repeat(20, 100, 100, 133)],
    ['5 lost seconds', [...repeat(10, 33), 5033, ...repeat(10, 33)]],
    ['0.2 fps', repeat(20, 5000)],
    ['240 fps', repeat(40, 4, 4, 4, 4, 5)],
    ['the longest gap that is no jump', [100, MAX_GAP_MS, 100]],
  ])('is exact: %s', (_title, intervals) => {
    const offsets = times(...intervals)
    expect(placed(...offsets).map(({ ticks }) => ticks)).toEqual(offsets.map((ms) => ms * 90))
  })

  it('begins at 0, whatever the clock of the camera', () => {
    expect(new Timeline(MAX_GAP_MS, UNKNOWN_PACE).place(0)).toEqual({
      ticks: 0,
      order: 'forward',
      gapMs: undefined,
    })
    expect(new Timeline(MAX_GAP_MS, UNKNOWN_PACE).place(Number.MAX_SAFE_INTEGER)).toMatchObject({ ticks: 0 })
  })

  it('moves on by a tick for equal times, within the millisecond', () => {
    const placements = placed(0, 0, 0, 33, 33, 66)
    expect(placements.map(({ ticks }) => ticks)).toEqual([0, 1, 2, 33 * 90, 33 * 90 + 1, 66 * 90])
    expect(placements.map(({ order }) => order)).toEqual([
      'forward',
      'equal',
      'equal',
      'forward',
      'equal',
      'forward',
    ])
  })

  it('goes back exactly for a reordered picture, and on from the latest', () => {
    const placements = placed(0, 400, 100, 200, 300, 500)
    expect(placements.map(({ ticks }) => ticks / 90)).toEqual([0, 400, 100, 200, 300, 500])
    expect(placements.map(({ order }) => order)).toEqual([
      'forward',
      'forward',
      'backward',
      'backward',
      'backward',
      'forward',
    ])
  })

  it('ascends by whole ticks for any times that do not go back', () => {
    const intervals = fc.array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(MAX_GAP_MS)), { maxLength: 80 })
    fc.assert(
      fc.property(intervals, (intervals) => {
        const offsets = times(...intervals)
        const ticks = placed(...offsets).map((placement) => placement.ticks)
        for (const [i, at] of ticks.entries()) {
          expect(at > (ticks[i - 1] ?? -1)).toBe(true)
          expect(Math.floor(at / 90)).toBe(offsets[i])
        }
      }),
      { seed: 14, numRuns: 500 },
    )
  })
})

describe('a jump', () => {
  it.each([
    ['ahead of more than the longest gap', repeat(5, 100), 500 + MAX_GAP_MS + 1],
    ['far back, as after a reboot', repeat(5, 100), -BASE_MS],
    ['back by more than 16 intervals', repeat(5, 100), 500 - 1601],
    ['back by more than a second at a high rate', repeat(20, 4), 80 - 1001],
    ['back by more than the longest gap at a low rate', repeat(5, 5000), 25_000 - MAX_GAP_MS - 1],
  ])('is told: %s', (_title, intervals, nextMs) => {
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    place(timeline, ...times(...intervals))
    expect(timeline.place(BASE_MS + nextMs)).toBe('jump')
  })

  it.each([
    ['16 intervals', repeat(5, 100), 500 - 1600],
    ['a second at a high rate', repeat(20, 4), 80 - 1000],
  ])('is not what lies back by %s: that is reordering', (_title, intervals, nextMs) => {
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    place(timeline, ...times(...intervals))
    expect(place(timeline, nextMs)).toMatchObject([{ ticks: nextMs * 90, order: 'backward' }])
  })

  it('leaves the timeline as it was', () => {
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    place(timeline, ...times(100, 100))
    expect(timeline.place(BASE_MS + 50_000)).toBe('jump')
    expect(timeline.place(0)).toBe('jump')
    expect(place(timeline, 300)).toMatchObject([{ ticks: 300 * 90 }])
  })

  it.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])('%s goes on a typical interval behind the latest after resume, at its own pace', (_title, jumpMs) => {
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    place(timeline, ...times(100, 100, 133, 100))
    timeline.resume(BASE_MS + jumpMs)
    const after = place(timeline, jumpMs, jumpMs + 133, jumpMs + 233)
    expect(after.map(({ ticks }) => ticks)).toEqual([533, 666, 766].map((ms) => ms * 90))
    expect(after.map(({ order }) => order)).toEqual(['forward', 'forward', 'forward'])
  })

  it('goes on by whole ticks after resume, whatever the typical interval', () => {
    const offsets = fc.array(fc.tuple(fc.nat(400), fc.nat(4)), { maxLength: 12 })
    fc.assert(
      fc.property(offsets, (groups) => {
        const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
        let at = 0
        place(timeline, at)
        for (const [interval, behind] of groups) {
          at += interval
          place(timeline, at, ...Array.from({ length: behind }, (_, i) => at - i - 1))
        }
        const [before] = place(timeline, at)
        timeline.resume(BASE_MS + 3_600_000)
        const after = place(timeline, 3_600_000, 3_600_050)
        expect(after.every(({ ticks }) => Number.isInteger(ticks))).toBe(true)
        expect(after[0]!.ticks).toBeGreaterThan(before!.ticks)
        expect(after[1]!.ticks).toBe(after[0]!.ticks + 50 * 90)
      }),
      { seed: 15, numRuns: 500 },
    )
  })
})

describe('a gap', () => {
  const gapsOf = (placements: readonly Placement[]) =>
    placements.flatMap(({ gapMs }, i) => (gapMs === undefined ? [] : [[i, gapMs]]))

  it('is a distance of more than three typical intervals', () => {
    expect(gapsOf(placed(...times(...repeat(5, 100), 301, 100)))).toEqual([[6, 301]])
    expect(gapsOf(placed(...times(...repeat(5, 100), 300, 100)))).toEqual([])
  })

  it.each([
    ['intervals of 100 and 133 ms', repeat(20, 100, 100, 133)],
    ['a rate that falls to a third', [...repeat(10, 33), ...repeat(10, 99)]],
    ['equal times now and then', repeat(10, 33, 0)],
    ['0.2 fps', repeat(10, 5000)],
  ])('is not reported for %s', (_title, intervals) => {
    expect(gapsOf(placed(...times(...intervals)))).toEqual([])
  })

  it('is not reported before three intervals are known', () => {
    expect(gapsOf(placed(...times(10, 10, 5000, 10)))).toEqual([])
  })

  it('is measured against what is typical, not against another gap', () => {
    expect(gapsOf(placed(...times(...repeat(9, 33), 5000, 33, 2000, 33)))).toEqual([
      [10, 5000],
      [12, 2000],
    ])
  })

  it('is not what lies behind pictures that waited on their way and came all at once', () => {
    const byArrival = () => new Timeline(MAX_GAP_MS, { reorderPictures: 0, isByArrival: true })
    const intervals = [...repeat(30, 67), 900, ...repeat(12, 2), ...repeat(9, 67)]
    expect(gapsOf(place(byArrival(), ...times(...intervals)))).toEqual([[31, 900]])
  })

  it.each([1, 2, 3, 7])('is not what lies between pictures that %i B-pictures come to lie in', (between) => {
    const groups = Array.from({ length: 10 }, (_, group) => {
      const anchor = (group + 1) * (between + 1)
      return [anchor, ...Array.from({ length: between }, (_, i) => anchor - between + i)]
    })
    const offsets = [0, ...groups.flat()].map((picture) => picture * 40)
    expect(gapsOf(placed(...offsets))).toEqual([])
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    place(timeline, ...offsets)
    expect(timeline.intervalMs).toBe(40)
    const latestMs = Math.max(...offsets)
    expect(gapsOf(place(timeline, latestMs + 5000))).toEqual([[0, 5000]])
  })
})

describe('the typical interval', () => {
  it('is 100 ms until two pictures are known, then the mean, then the median', () => {
    const timeline = new Timeline(MAX_GAP_MS, UNKNOWN_PACE)
    expect(timeline.intervalMs).toBe(100)
    place(timeline, 0)
    expect(timeline.intervalMs).toBe(100)
    place(timeline, 20, 60)
    expect(timeline.intervalMs).toBe(30)
    place(timeline, 1060)
    expect(timeline.intervalMs).toBe(40)
  })
})
