/** docs/reliability.md: every promise stands there with a test that exists, and the figure that it printed last. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { figuresMarkdown, PROMISES } from '../scripts/reliability.ts'

const root = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url))
const read = (file: string) => readFileSync(root(file), 'utf8')
const document = read('docs/reliability.md')

describe('docs/reliability.md', () => {
  it('has a numbered section for each promise, in the order of the table', () => {
    const headings = [...document.matchAll(/^## (\d+\. .+)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(Object.values(PROMISES).map(({ title }, i) => `${i + 1}. ${title}`))
  })

  it('holds the figures as they were kept last', () => {
    expect(document).toContain(figuresMarkdown())
  })

  it.each(Object.entries(PROMISES))('proves %s with a test that is there', (_name, { proof, besides }) => {
    for (const path of besides ? [proof, besides] : [proof]) expect(existsSync(root(path)), path).toBe(true)
  })

  it('knows every figure that a test prints', () => {
    const tests = readdirSync(root('test/faults')).map((name) => read(`test/faults/${name}`))
    const printed = tests.flatMap((text) =>
      [...text.matchAll(/printFigure\(\s*'([^']+)'/g)].map(([, name]) => name),
    )
    expect(printed.length).toBeGreaterThan(0)
    expect(printed.filter((name) => !(name! in PROMISES))).toEqual([])
  })
})
