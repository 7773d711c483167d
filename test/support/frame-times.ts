/** The times of recorded pictures, held against those that the camera gave its frames. */

import { expect } from 'vitest'

/** In recording and film each picture lies as long behind the first as the camera said. */
export function expectTimes(rows: string[][], filmMs: number[], timestampsUs: number[]): void {
  const captureMs = rows.map((row) => Number(row[1]))
  const isAsRecorded = (first: number) => {
    const known = new Set(timestampsUs.map((us) => Math.round((us - first) / 1000)))
    return captureMs.every((ms) => [-1, 0, 1].some((off) => known.has(Math.round(ms - captureMs[0]!) + off)))
  }
  expect(timestampsUs.some(isAsRecorded)).toBe(true)
  for (const [i, ms] of filmMs.entries())
    expect(Math.abs(ms - filmMs[0]! - (captureMs[i]! - captureMs[0]!))).toBeLessThanOrEqual(1)
}
