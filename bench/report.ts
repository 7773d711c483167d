/** Figures for people (a table) and for later (bench/results/*.json). */

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { machine } from './machine.ts'

/** One line of the table. */
export interface Figure {
  name: string
  /** undefined: it could not be measured. */
  value: number | undefined
  unit: string
  /** The value is to be at most this; an exact 0 is to be 0. */
  atMost?: number
}

/** What one part found out. */
export interface PartResult {
  figures: Figure[]
  /** What was measured in each round. */
  rounds: unknown[]
  /** What a reader must know to judge the figures. */
  notes: string[]
}

/** What every part is given. */
export interface Context {
  /** Undefined: as many as the part thinks right. */
  rounds: number | undefined
  /** Small and short: shows that it works, no figure to quote. */
  quick: boolean
  /** Where temporary folders go. */
  temp: string
  /** Given to the Node that runs Rollcall. */
  nodeFlags: string[]
  say: (line: string) => void
}

const RESULTS = new URL('./results/', import.meta.url)

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Median of the values that were measured; undefined when none was. */
export function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length > 0 ? median(known) : undefined
}

export function verdict({ value, atMost }: Figure): '' | 'ok' | 'missed' | 'not measured' {
  if (value === undefined) return 'not measured'
  if (atMost === undefined) return ''
  return value <= atMost ? 'ok' : 'missed'
}

/** All parts in one table. */
export function table(results: readonly { part: string; figures: readonly Figure[] }[]): string {
  const head = ['part', 'figure', 'value', 'unit', 'target', '']
  const rows = results.flatMap(({ part, figures }) =>
    figures.map((figure, i) => [
      i === 0 ? part : '',
      figure.name,
      figure.value === undefined ? '–' : readable(figure.value),
      figure.unit,
      figure.atMost === undefined ? '' : `≤ ${readable(figure.atMost)}`,
      verdict(figure),
    ]),
  )
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  const isNumber = (column: number) => column === 2
  const line = (row: string[]) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('──')
  const lines = rows.flatMap((row) => (row[0] === '' ? [line(row)] : [rule, line(row)]))
  return [line(head), ...lines].join('\n')
}

/** Keeps a part's result. Quick and otherwise unusual runs go to files of their own. */
export function save(part: string, result: PartResult, { quick, nodeFlags }: Context): void {
  const suffix = quick ? '-quick' : nodeFlags.length > 0 ? '-flags' : ''
  mkdirSync(RESULTS, { recursive: true })
  const figures = result.figures.map((figure) => {
    const { value = null, ...rest } = figure
    return { ...rest, value: value === null ? null : rounded(value), verdict: verdict(figure) }
  })
  const { rounds, notes } = result
  const content = {
    part,
    date: new Date().toISOString(),
    machine: machine(),
    nodeFlags,
    figures,
    notes,
    rounds,
  }
  const json = JSON.stringify(content, (_, value) => (typeof value === 'number' ? rounded(value) : value), 2)
  writeFileSync(fileURLToPath(new URL(`${part}${suffix}.json`, RESULTS)), `${json}\n`)
}

function readable(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const digits = Number.isInteger(value) ? 0 : value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(5))
}
