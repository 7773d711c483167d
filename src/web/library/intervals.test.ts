import { expect, it } from 'vitest'
import { downsampled, filmMsOf, intervalsOf, marksOf, momentAt } from './intervals.ts'

const of = (...mediaMs: number[]) => intervalsOf({ mediaMs: Float64Array.from(mediaMs) })

it('gives the distance of each picture to the one before it in the film', () => {
  const { filmMs, lengthMs, typicalMs } = of(0, 33, 66, 100)
  expect([...filmMs]).toEqual([33, 66, 100])
  expect([...lengthMs]).toEqual([33, 33, 34])
  expect(typicalMs).toBe(33)
})

it('puts reordered pictures in the order of the film, and leaves out those that are in no film', () => {
  expect([...of(Number.NaN, 0, 100, 33, 66, Number.NaN, 133).lengthMs]).toEqual([33, 33, 34, 33])
})

it('begins the next part where the media time is 0 again, one behind the other on the axis', () => {
  const { filmMs, lengthMs, partStartsMs } = of(0, 20, 40, 0, 20, 40, 60, 0)
  expect(partStartsMs).toEqual([0, 40, 100])
  expect([...filmMs]).toEqual([20, 40, 60, 80, 100])
  expect([...lengthMs]).toEqual([20, 20, 20, 20, 20])
  expect(momentAt(70, partStartsMs)).toEqual({ part: 2, atMs: 30 })
  expect(momentAt(-5, partStartsMs)).toEqual({ part: 1, atMs: 0 })
  expect(filmMsOf({ part: 2, atMs: 30 }, partStartsMs)).toBe(70)
  expect(filmMsOf({ part: 0, atMs: 0 }, partStartsMs)).toBe(0)
})

it('is empty without pictures', () => {
  for (const nothing of [of(), of(0), of(Number.NaN)])
    expect(nothing).toMatchObject({ typicalMs: 0, partStartsMs: [0] })
})

it('keeps the longest and the shortest of each stretch when there are more than can be seen', () => {
  const media = Float64Array.from({ length: 100_000 }, (_, i) => i * 20 + (i >= 54_321 ? 700 : 0))
  const intervals = intervalsOf({ mediaMs: media })
  const points = downsampled(intervals, 600)
  expect(points.filmMs.length).toBeLessThanOrEqual(1201)
  expect(Math.max(...points.lengthMs)).toBe(720)
  expect(points.filmMs[points.lengthMs.indexOf(720)]).toBe(54_321 * 20 + 700)
  expect(points.filmMs).toEqual(points.filmMs.toSorted((a, b) => a - b))
  expect(points.filmMs.at(-1)).toBeGreaterThan(2_000_000 - 4000)
})

it('keeps all of a few', () => {
  expect(downsampled(of(0, 20, 40, 100), 600)).toEqual({ filmMs: [20, 40, 100], lengthMs: [20, 20, 60] })
})

it('marks losses and pauses as the account has them, a loss that made a gap once', () => {
  const intervals = of(0, 20, 60, 80, 300, 320, 340, 0, 20, 200)
  const gaps = [
    { part: 1, atMs: 300, durationMs: 220 },
    { part: 2, atMs: 200, durationMs: 180 },
    // Not read yet.
    { part: 2, atMs: 800, durationMs: 300 },
  ]
  const missingAt = [
    { part: 0, atMs: 0, count: 9 },
    { part: 1, atMs: 60, count: 1 },
    { part: 1, atMs: 300, count: 10 },
    { part: 2, atMs: 900, count: 3 },
    { part: 3, atMs: 20, count: 3 },
  ]
  expect(marksOf(intervals, { missingAt, gaps })).toEqual([
    { kind: 'loss', part: 1, atMs: 60, durationMs: 40, count: 1 },
    { kind: 'loss', part: 1, atMs: 300, durationMs: 220, count: 10 },
    { kind: 'pause', part: 2, atMs: 200, durationMs: 180, count: 0 },
  ])
})
