import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IntegrityAccount } from './account.ts'

const PLACE = { part: 1, atMs: 100 }

/** Counts numbers that were all captured in this order; each lies at 10 ms times its place in the list. */
function accountOf(sequences: readonly number[], later = true): IntegrityAccount {
  const account = new IntegrityAccount()
  for (const [i, sequence] of sequences.entries())
    account.sequence(sequence, later, { part: 1, atMs: i * 10 })
  return account
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('sequence numbers', () => {
  it('count nothing while they follow each other, wherever they begin', () => {
    const { figures } = accountOf([...range(7, 500)])
    expect(figures).toEqual(new IntegrityAccount().figures)
  })

  it('count those that never came, with their place', () => {
    const { figures } = accountOf([1, 2, 5, 6, 10])
    expect(figures.missing).toBe(5)
    expect(figures.missingAt).toEqual([
      { part: 1, atMs: 20, sequence: 3, count: 2 },
      { part: 1, atMs: 40, sequence: 7, count: 3 },
    ])
  })

  it('take one that comes late out of the missing ones', () => {
    const { figures } = accountOf([1, 2, 7, 4])
    expect(figures).toMatchObject({ missing: 3, outOfOrder: 1, repeated: 0 })
    expect(figures.missingAt.map(({ sequence, count }) => [sequence, count])).toEqual([
      [3, 1],
      [5, 2],
    ])
  })

  it('count nothing missing once all late ones came', () => {
    const { figures } = accountOf([1, 6, 3, 2, 5, 4], false)
    expect(figures).toMatchObject({ missing: 0, outOfOrder: 4, repeated: 0, missingAt: [] })
  })

  it('count those that come again', () => {
    const account = accountOf([1, 2, 3])
    expect(account.sequence(3, false, PLACE)).toBe('repeated')
    expect(account.sequence(2, true, PLACE)).toBe('repeated')
    expect(account.sequence(4, true, PLACE)).toBe('new')
    expect(account.figures).toMatchObject({ repeated: 2, missing: 0, sequenceRestarts: 0 })
  })

  it('count a late one that comes twice as repeated', () => {
    const account = accountOf([1, 3, 2])
    expect(account.sequence(2, false, PLACE)).toBe('repeated')
    expect(account.figures).toMatchObject({ outOfOrder: 1, repeated: 1 })
  })

  it.each([
    ['0 after few pictures', range(0, 10), 0],
    ['a number far back', range(0, 500), 20],
    ['a number far ahead', range(0, 10), 2_000_000],
  ])('may begin anew: %s', (_title, before, next) => {
    const { figures } = accountOf([...before, next, next + 1, next + 2])
    expect(figures).toMatchObject({ sequenceRestarts: 1, missing: 0, repeated: 0, outOfOrder: 0 })
  })

  it('do not begin anew with a picture that was captured earlier', () => {
    const account = accountOf(range(0, 500))
    expect(account.sequence(20, false, PLACE)).toBe('repeated')
    expect(account.figures.sequenceRestarts).toBe(0)
  })

  it('go on past 2^32 - 1', () => {
    const { figures } = accountOf([2 ** 32 - 2, 2 ** 32 - 1, 0, 1])
    expect(figures).toEqual(new IntegrityAccount().figures)
  })

  it('may be missing and late across 2^32', () => {
    const { figures } = accountOf([2 ** 32 - 2, 2, 0, 2 ** 32 - 1])
    expect(figures).toMatchObject({ missing: 1, outOfOrder: 2, sequenceRestarts: 0, repeated: 0 })
    expect(figures.missingAt).toMatchObject([{ sequence: 1, count: 1 }])
  })

  it('add up for any loss, repetition and delay of a few places', () => {
    const fate = fc.constantFrom('sent', 'sent', 'sent', 'lost', 'twice', 'late')
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.array(fate, { maxLength: 60 }), (start, fates) => {
        const account = new IntegrityAccount()
        const send = (i: number) => account.sequence((start + i) >>> 0, false, PLACE)
        send(0)
        for (const [i, what] of fates.entries()) {
          if (what === 'sent' || what === 'twice') send(i + 1)
          if (what === 'twice') send(i + 1)
          if (fates[i - 1] === 'late') send(i)
        }
        send(fates.length + 1)
        if (fates.at(-1) === 'late') send(fates.length)
        const count = (what: string) => fates.filter((one) => one === what).length
        expect(account.figures.missing).toBe(count('lost'))
        expect(account.figures.repeated).toBe(count('twice'))
        expect(account.figures.missingAt.reduce((sum, run) => sum + run.count, 0)).toBe(count('lost'))
      }),
      { seed: 13, numRuns: 1000 },
    )
  })
})

describe('places', () => {
  it('keeps a gap and a jump of the clock with their length', () => {
    const account = new IntegrityAccount()
    account.gap(PLACE, 5000)
    account.clockJump({ part: 1, atMs: 900 }, -70_000)
    expect(account.figures).toMatchObject({
      gapCount: 1,
      gaps: [{ part: 1, atMs: 100, durationMs: 5000 }],
      clockJumps: [{ part: 1, atMs: 900, jumpMs: -70_000 }],
    })
  })

  it('begin and end where the camera says, with or without a picture', () => {
    const account = new IntegrityAccount(10)
    for (const sequence of [14, 15]) account.sequence(sequence, true, PLACE)
    account.ends(16, PLACE)
    expect(account.figures.missing).toBe(4)
    account.ends(19, PLACE)
    expect(account.figures).toMatchObject({
      missing: 7,
      sequenceRestarts: 0,
      missingAt: [
        { sequence: 10, count: 4 },
        { sequence: 16, count: 3 },
      ],
    })
    const empty = new IntegrityAccount(3)
    empty.ends(12, PLACE)
    expect(empty.figures).toMatchObject({ missing: 9, missingAt: [{ sequence: 3, count: 9 }] })
  })

  it('are as many as they are, where the camera said with what it begins', () => {
    const account = new IntegrityAccount(100)
    account.sequence(200_000, true, PLACE)
    expect(account.figures).toMatchObject({ missing: 199_900, sequenceRestarts: 0 })
  })

  it('are kept up to 1000 of each kind, while the counts go on', () => {
    const account = accountOf(range(0, 1502).map((i) => i * 2))
    for (let i = 0; i < 1500; i += 1) {
      account.gap(PLACE, 1000)
      account.clockJump(PLACE, 90_000)
    }
    const { figures } = account
    expect(figures).toMatchObject({ missing: 1501, gapCount: 1500 })
    expect([figures.missingAt, figures.gaps, figures.clockJumps].map(({ length }) => length)).toEqual([
      1000, 1000, 1000,
    ])
  })

  it('are no more than 1000 when late pictures split runs of missing ones', () => {
    const account = accountOf(range(0, 1001).map((i) => i * 4))
    for (let i = 0; i < 500; i += 1) account.sequence(i * 4 + 2, false, PLACE)
    expect(account.figures).toMatchObject({ missing: 2500, outOfOrder: 500 })
    expect(account.figures.missingAt).toHaveLength(1000)
  })
})
