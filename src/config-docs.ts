/** Writes the table of options into docs/configuration.md: `npx tsx src/config-docs.ts`. */

import { readFileSync, writeFileSync } from 'node:fs'
import { configurationMarkdown } from './config.ts'

const FILE = new URL('../docs/configuration.md', import.meta.url)
const MARK = '<!-- from here on made by: npx tsx src/config-docs.ts -->\n'

const intro = readFileSync(FILE, 'utf8').split(MARK)[0]
writeFileSync(FILE, `${intro}${MARK}\n${configurationMarkdown()}`)
