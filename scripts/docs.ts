/** Writes what docs/ takes from the code, the table of options and the schema of recording.json: `npm run docs`. */

import { readFileSync, writeFileSync } from 'node:fs'
import { configurationMarkdown } from '../src/config.ts'
import { recordingJsonSchema } from '../src/recording/document.ts'

const CONFIGURATION = new URL('../docs/configuration.md', import.meta.url)
const SCHEMA = new URL('../docs/recording.schema.json', import.meta.url)
/** In docs/configuration.md: what stands before it is written by hand. */
const MARK = '<!-- from here on made by: npm run docs -->\n'

const [intro, ...made] = readFileSync(CONFIGURATION, 'utf8').split(MARK)
if (made.length !== 1) throw new Error(`docs/configuration.md must have one line ${MARK}`)
writeFileSync(CONFIGURATION, `${intro}${MARK}\n${configurationMarkdown()}`)
writeFileSync(SCHEMA, `${JSON.stringify(recordingJsonSchema(), null, 2)}\n`)
