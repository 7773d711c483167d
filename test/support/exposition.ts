/** Reads what /metrics answers, strictly by the text format of Prometheus, version 0.0.4. Shares no code with Rollcall. */

import { expect } from 'vitest'

export interface Family {
  help: string
  type: string
  /** By `name{label="value"}` as it stands there. */
  samples: Map<string, number>
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/
const LABELS = /\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?=[a-zA-Z_])|(?=\})))+\}/
const SAMPLE = new RegExp(
  `^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:${LABELS.source})?) (?<value>[+-]Inf|NaN|-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
)

/** Asks a server for its metrics. */
export async function scrape(port: number, accessToken: string): Promise<Map<string, Family>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4(; charset=utf-8)?$/)
  return parseExposition(await response.text())
}

/** Fails on whatever a strict reader would refuse. */
export function parseExposition(text: string): Map<string, Family> {
  expect(text.endsWith('\n'), 'ends with a newline').toBe(true)
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let name = ''
  let family: Family | undefined
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, of = '', rest = ''] = COMMENT.exec(line) ?? []
    if (kind === 'HELP') {
      expect(families.has(of), `${of} comes once`).toBe(false)
      name = of
      family = { help: rest, type: '', samples: new Map() }
      families.set(of, family)
    } else if (kind === 'TYPE') {
      expect(of, 'TYPE follows its HELP').toBe(name)
      expect(['counter', 'gauge', 'histogram']).toContain(rest)
      family!.type = rest
    } else {
      const sample = SAMPLE.exec(line)?.groups
      expect(sample, `a sample: ${line}`).toBeDefined()
      const suffix = sample!.name!.slice(name.length)
      expect(sample!.name!.startsWith(name), `${line} belongs to ${name}`).toBe(true)
      expect(family!.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).toContain(suffix)
      expect(seen.has(sample!.series!), `${sample!.series} comes once`).toBe(false)
      seen.add(sample!.series!)
      family!.samples.set(sample!.series!, Number(sample!.value!.replace('Inf', 'Infinity')))
    }
  }
  for (const [of, { type, samples }] of families) if (type === 'histogram') checkHistogram(of, samples)
  return families
}

/** Buckets ascend, and the last holds all. */
function checkHistogram(name: string, samples: Map<string, number>): void {
  const buckets = [...samples].filter(([series]) => series.startsWith(`${name}_bucket`))
  const counts = buckets.map(([, count]) => count)
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
  expect(buckets.at(-1)).toEqual([`${name}_bucket{le="+Inf"}`, samples.get(`${name}_count`)])
}

/** The value of a series, `rollcall_` left out. */
export function sampleOf(families: Map<string, Family>, series: string): number {
  const name = `rollcall_${series}`
  for (const { samples } of families.values()) if (samples.has(name)) return samples.get(name)!
  throw new Error(`there is no ${name}`)
}
