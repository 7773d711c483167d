/** The numbers of one device, of the last hour. Reads no clock. */

import type { Reading } from './readings.ts'

/** What is older, in ms, goes. */
const KEPT_MS = 3_600_000
/** Fields of one device: names that a device makes up must not fill the memory. */
const MAX_FIELDS = 64

/** What all devices together may keep. */
export class ValueBudget {
  left: number

  constructor(maxValues: number) {
    this.left = maxValues
  }
}

/** One field, in order of time. Two arrays of numbers: 16 bytes a value. */
export interface Series {
  /** ms since 1970. */
  atMs: number[]
  values: number[]
}

export class DeviceSeries {
  readonly #fields = new Map<string, Series>()
  readonly #budget: ValueBudget
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(budget: ValueBudget) {
    this.#budget = budget
  }

  /** Keeps a reading; the device's own oldest values make room where all is used up. */
  add(atMs: number, reading: Reading): void {
    if (atMs < this.#newestMs) this.#forgetFrom(atMs)
    this.#newestMs = atMs
    this.#forget(atMs - KEPT_MS)
    for (const [field, value] of Object.entries(reading)) {
      const series = this.#fields.get(field) ?? this.#begin(field)
      if (!series || (this.#budget.left <= 0 && !this.#dropOldest(series))) continue
      this.#budget.left -= 1
      series.atMs.push(atMs)
      series.values.push(value)
    }
  }

  /**
   * Values from a time on, by field.
   *
   * @param most - Of all fields together; where there are more, the newest of each.
   */
  since(sinceMs: number, most = Number.POSITIVE_INFINITY): Record<string, Series> {
    const mostOfOne = Math.floor(most / Math.max(1, this.#fields.size))
    return Object.fromEntries(
      [...this.#fields].map(([field, { atMs, values }]) => {
        const first = Math.max(firstFrom(atMs, sinceMs), atMs.length - mostOfOne)
        return [field, { atMs: atMs.slice(first), values: values.slice(first) }]
      }),
    )
  }

  /** The newest value of each field. */
  latest(): Record<string, number> {
    return Object.fromEntries(
      [...this.#fields].flatMap(([field, { values }]) =>
        values.length > 0 ? [[field, values.at(-1)!]] : [],
      ),
    )
  }

  /** Gives all back. */
  clear(): void {
    for (const series of this.#fields.values()) this.#cut(series, series.atMs.length)
    this.#fields.clear()
  }

  #begin(field: string): Series | undefined {
    if (this.#fields.size >= MAX_FIELDS) return undefined
    const series: Series = { atMs: [], values: [] }
    this.#fields.set(field, series)
    return series
  }

  /** The clock was set back: what would lie ahead of it goes, so that times stay in order. */
  #forgetFrom(atMs: number): void {
    for (const { atMs: times, values } of this.#fields.values()) {
      const first = firstFrom(times, atMs)
      this.#budget.left += times.length - first
      times.length = first
      values.length = first
    }
  }

  #forget(beforeMs: number): void {
    for (const [field, series] of this.#fields) {
      // Cutting an array costs its length: a tenth at a time.
      const old = firstFrom(series.atMs, beforeMs)
      if (old === series.atMs.length) this.#fields.delete(field)
      if (old === series.atMs.length || old * 10 > series.atMs.length) this.#cut(series, old)
    }
  }

  #dropOldest(series: Series): boolean {
    const count = Math.ceil(series.atMs.length / 10)
    this.#cut(series, count)
    return count > 0
  }

  #cut(series: Series, count: number): void {
    series.atMs.splice(0, count)
    series.values.splice(0, count)
    this.#budget.left += count
  }
}

/** Index of the first time that is not earlier. */
function firstFrom(times: readonly number[], fromMs: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < fromMs) low = middle + 1
    else high = middle
  }
  return low
}
