import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseVictims, type Kept, unmetLimits } from './retention-policy.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 10, 24)
const MOST = 20

const kept = (id: string, daysAgo: number, bytes: number, more: Partial<Kept> = {}): Kept => ({
  id,
  atRest: true,
  endedAtMs: NOW_MS - daysAgo * DAY_MS,
  bytes,
  starred: false,
  busy: false,
  ...more,
})
const OFF = { keepDays: 0, keepBytes: 0, minFree: 0 }
const plenty = { nowMs: NOW_MS, freeBytes: 1e12, most: MOST }

describe('chooseVictims', () => {
  it('removes what ended longer ago than keepDays, the oldest first', () => {
    const list = [kept('b', 8, 10), kept('c', 6, 10), kept('a', 9, 10)]
    expect(chooseVictims(list, { ...OFF, keepDays: 7 }, plenty)).toEqual([
      { id: 'a', bytes: 10, reason: 'keepDays' },
      { id: 'b', bytes: 10, reason: 'keepDays' },
    ])
  })

  it('removes nothing for its age that was recorded before the clock was set, but makes room with it first', () => {
    const list = [kept('a', 0, 10, { endedAtMs: 6000 }), kept('b', 8, 10), kept('c', 6, 10)]
    const ids = (limits: object) => chooseVictims(list, { ...OFF, ...limits }, plenty).map(({ id }) => id)
    expect(ids({ keepDays: 7 })).toEqual(['b'])
    expect(ids({ keepBytes: 20 })).toEqual(['a'])
  })

  it('removes the oldest until all together take keepBytes, what is open counted too', () => {
    const list = [kept('c', 1, 40), kept('b', 2, 30), kept('a', 3, 20), kept('d', 9, 30, { atRest: false })]
    const ids = (keepBytes: number) => chooseVictims(list, { ...OFF, keepBytes }, plenty).map(({ id }) => id)
    expect(ids(120)).toEqual([])
    expect(ids(119)).toEqual(['a'])
    expect(ids(99)).toEqual(['a', 'b'])
    expect(ids(1)).toEqual(['a', 'b', 'c'])
  })

  it('removes the oldest until minFree is free, and none where the system does not say what is', () => {
    const list = [kept('b', 1, 50), kept('a', 2, 50)]
    const victims = (freeBytes: number | undefined) =>
      chooseVictims(list, { ...OFF, minFree: 200 }, { ...plenty, freeBytes })
    expect(victims(150)).toEqual([{ id: 'a', bytes: 50, reason: 'minFree' }])
    expect(victims(149)).toHaveLength(2)
    expect(victims(200)).toEqual([])
    expect(victims(undefined)).toEqual([])
  })

  it('never removes what is open, starred or busy, and takes the next in its place', () => {
    const list = [
      kept('a', 9, 10, { atRest: false }),
      kept('b', 8, 10, { starred: true }),
      kept('c', 7, 10, { busy: true }),
      kept('d', 6, 10),
    ]
    const limits = { keepDays: 1, keepBytes: 1, minFree: 1e13 }
    expect(chooseVictims(list, limits, plenty).map(({ id }) => id)).toEqual(['d'])
  })

  it('removes nothing by age while the clock cannot be trusted, but still makes room', () => {
    const list = [kept('a', 99, 10), kept('b', 98, 10)]
    const doubtful = { ...plenty, nowMs: undefined }
    expect(chooseVictims(list, { ...OFF, keepDays: 1 }, doubtful)).toEqual([])
    expect(chooseVictims(list, { keepDays: 1, keepBytes: 15, minFree: 0 }, doubtful)).toEqual([
      { id: 'a', bytes: 10, reason: 'keepBytes' },
    ])
  })
})

const recordings = fc
  .array(
    fc.record({
      atRest: fc.boolean(),
      endedAtMs: fc.integer({ min: NOW_MS - 20 * DAY_MS, max: NOW_MS + DAY_MS }),
      bytes: fc.nat(1000),
      starred: fc.boolean(),
      busy: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.map((entry, i) => ({ ...entry, id: `r${i}` })))
const limits = fc.record({ keepDays: fc.nat(25), keepBytes: fc.nat(20_000), minFree: fc.nat(20_000) })
const situation = fc.record({
  nowMs: fc.option(fc.constant(NOW_MS), { nil: undefined }),
  freeBytes: fc.option(fc.nat(20_000), { nil: undefined }),
  most: fc.nat(40),
})
const sum = (list: readonly { bytes: number }[]) => list.reduce((total, { bytes }) => total + bytes, 0)

describe('for any recordings, limits and disk, chooseVictims', () => {
  const holds = (check: (...args: [Kept[], typeof OFF, typeof plenty]) => void) =>
    fc.assert(fc.property(recordings, limits, situation as fc.Arbitrary<typeof plenty>, check), {
      seed: 20261124,
      numRuns: 2000,
    })
  const eligible = (list: Kept[]) =>
    list
      .filter(({ atRest, starred, busy }) => atRest && !starred && !busy)
      .sort((a, b) => a.endedAtMs - b.endedAtMs)

  it('takes only what may go, each once, never a younger one before an older', () => {
    holds((list, limit, at) => {
      const victims = chooseVictims(list, limit, at)
      const gone = new Set(victims.map(({ id }) => id))
      expect(gone.size).toBe(victims.length)
      expect(victims.length).toBeLessThanOrEqual(at.most)
      const may = eligible(list)
      const times = (of: Kept[]) => of.map(({ endedAtMs }) => endedAtMs)
      expect(times(may.slice(0, victims.length))).toEqual(
        times(victims.map(({ id }) => list.find((entry) => entry.id === id)!)),
      )
    })
  })

  it('leaves no limit broken that it could keep', () => {
    holds((list, limit, at) => {
      const victims = chooseVictims(list, limit, at)
      const gone = new Set(victims.map(({ id }) => id))
      const left = eligible(list).filter(({ id }) => !gone.has(id))
      if (left.length === 0 || victims.length === at.most) return
      if (limit.keepBytes > 0) expect(sum(list) - sum(victims)).toBeLessThanOrEqual(limit.keepBytes)
      if (at.freeBytes !== undefined)
        expect(at.freeBytes + sum(victims)).toBeGreaterThanOrEqual(limit.minFree)
      if (limit.keepDays > 0 && at.nowMs !== undefined)
        expect(left[0]!.endedAtMs).toBeGreaterThanOrEqual(NOW_MS - limit.keepDays * DAY_MS)
    })
  })

  it('takes none that need not go: the limit it names was still broken before', () => {
    holds((list, limit, at) => {
      let gone = 0
      for (const { id, bytes, reason } of chooseVictims(list, limit, at)) {
        const { endedAtMs } = list.find((entry) => entry.id === id)!
        if (reason === 'keepDays') expect(endedAtMs).toBeLessThan(NOW_MS - limit.keepDays * DAY_MS)
        else if (reason === 'keepBytes') expect(sum(list) - gone).toBeGreaterThan(limit.keepBytes)
        else expect(at.freeBytes + gone).toBeLessThan(limit.minFree)
        gone += bytes
      }
    })
  })

  it('takes none when every limit is 0', () => {
    holds((list, _limit, at) => {
      expect(chooseVictims(list, OFF, at)).toEqual([])
    })
  })
})

describe('unmetLimits', () => {
  const list = [kept('a', 9, 40), kept('b', 8, 30, { starred: true }), kept('c', 7, 20, { atRest: false })]
  const unmet = (limits: Partial<typeof OFF>, freeBytes?: number, most = MOST) => {
    const all = { ...OFF, ...limits }
    const victims = chooseVictims(list, all, { nowMs: NOW_MS, freeBytes, most })
    return unmetLimits(list, all, { victims, freeBytes })
  }

  it('names the limits that stay passed when only what may not go is left', () => {
    expect(unmet({ keepBytes: 49, minFree: 141 }, 100)).toEqual([
      { limit: 'keepBytes', bytes: 50 },
      { limit: 'minFree', bytes: 140 },
    ])
  })

  it('names none that what goes is enough for, that is off, or that the next look may meet', () => {
    expect(unmet({ keepBytes: 50, minFree: 140 }, 100)).toEqual([])
    expect(unmet({ keepDays: 1 })).toEqual([])
    expect(unmet({ minFree: 200 })).toEqual([])
    expect(unmet({ keepBytes: 10 }, 100, 0)).toEqual([])
  })
})
