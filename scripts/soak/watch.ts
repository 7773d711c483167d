/** What a process needs over time: resident memory, file descriptors, and how it goes on. Linux. */

import { readdirSync, readFileSync } from 'node:fs'

export interface Sample {
  atMs: number
  rssBytes: number
  descriptors: number
}

const KIB = 1024

/** Looks at a process, from outside. */
export function sample(pid: number, beganMs: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    atMs: performance.now() - beganMs,
    rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * KIB,
    descriptors: descriptorsOf(pid),
  }
}

/** Open file descriptors of a process. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Slope of resident memory by least squares, in bytes a minute. */
export function rssSlope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, s) => sum + of(s), 0) / samples.length
  const atMean = mean(({ atMs }) => atMs)
  const rssMean = mean(({ rssBytes }) => rssBytes)
  let over = 0
  let under = 0
  for (const { atMs, rssBytes } of samples) {
    over += (atMs - atMean) * (rssBytes - rssMean)
    under += (atMs - atMean) ** 2
  }
  return under === 0 ? 0 : (over / under) * 60_000
}
