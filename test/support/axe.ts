/** What axe-core finds in a page: rules of accessibility that a machine can check. */

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const SCRIPT = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What is serious or critical, a line each: rule, elements. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // What still moves has the colours of neither its beginning nor its end.
  await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))')
  // Not by a script tag: the page's policy lets none in.
  await page.evaluate(await readFile(SCRIPT, 'utf8'))
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: {
      id: string
      impact: string
      nodes: { html: string; any: { message: string }[] }[]
    }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, any }) => `${html} ${any.map(({ message }) => message).join('; ')}`).join('\n  ')}`,
    )
}
