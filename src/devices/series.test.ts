import { expect, it } from 'vitest'
import { DeviceSeries, ValueBudget } from './series.ts'

const HOUR_MS = 3_600_000

it('gives the values of each field from a time on, and forgets what is older than an hour', () => {
  const series = new DeviceSeries(new ValueBudget(10_000))
  for (let i = 0; i < 4000; i += 1) series.add(i * 2000, { value: i, ...(i === 0 && { once: 1 }) })
  const all = series.since(0)
  expect(Object.keys(all)).toEqual(['value'])
  // The last hour, and a tenth more at the most.
  expect(all.value!.atMs.length).toBeGreaterThanOrEqual(HOUR_MS / 2000)
  expect(all.value!.atMs.length).toBeLessThanOrEqual((HOUR_MS / 2000) * 1.2)
  expect(series.since(3998 * 2000).value).toEqual({ atMs: [3998 * 2000, 3999 * 2000], values: [3998, 3999] })
  expect(series.latest()).toEqual({ value: 3999 })
})

it('takes from no other device: its own oldest values go where all is used up', () => {
  const budget = new ValueBudget(100)
  const [first, second] = [new DeviceSeries(budget), new DeviceSeries(budget)]
  for (let i = 0; i < 50; i += 1) first.add(i, { a: i })
  for (let i = 0; i < 500; i += 1) second.add(i, { b: i })
  expect(first.since(0).a!.values).toHaveLength(50)
  expect(second.since(0).b!.values.length).toBeLessThanOrEqual(50)
  expect(second.latest()).toEqual({ b: 499 })
  second.clear()
  first.clear()
  expect(budget.left).toBe(100)
})

it('keeps 64 fields at the most', () => {
  const series = new DeviceSeries(new ValueBudget(1000))
  for (let i = 0; i < 100; i += 1) series.add(i, { [`f${i}`]: i })
  expect(Object.keys(series.since(0))).toHaveLength(64)
})

it('gives no more than is asked for: the newest of each field', () => {
  const series = new DeviceSeries(new ValueBudget(1000))
  for (let i = 0; i < 20; i += 1) series.add(i, { a: i, b: -i })
  expect(series.since(0, 7)).toEqual({
    a: { atMs: [17, 18, 19], values: [17, 18, 19] },
    b: { atMs: [17, 18, 19], values: [-17, -18, -19] },
  })
  expect(series.since(18, 1000).a!.atMs).toEqual([18, 19])
})

it('keeps its times in order when the clock is set back', () => {
  const budget = new ValueBudget(1000)
  const series = new DeviceSeries(budget)
  for (const atMs of [9000, 10_000, 11_000, 9500, 9600]) series.add(24 * HOUR_MS + atMs, { value: atMs })
  expect(series.since(0).value!.values).toEqual([9000, 9500, 9600])
  series.add(100, { value: 1 })
  series.add(200, { value: 2 })
  expect(series.since(0)).toEqual({ value: { atMs: [100, 200], values: [1, 2] } })
  expect(budget.left).toBe(998)
})
