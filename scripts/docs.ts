/** Writes what docs/ takes from the code, the table of options, the schema of recording.json, the routes, a drawing: `npm run docs`. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurationMarkdown, loadConfig } from '../src/config.ts'
import { routesOf } from '../src/http/api-document.ts'
import { apiMarkdown } from '../src/http/api-markdown.ts'
import { warningPicture } from '../src/http/warning-picture.ts'
import { createLog } from '../src/log.ts'
import { recordingJsonSchema } from '../src/recording/document.ts'
import { RollcallServer } from '../src/server.ts'

const CONFIGURATION = new URL('../docs/configuration.md', import.meta.url)
const API = new URL('../docs/api.md', import.meta.url)
const PICTURES = new URL('../docs/images/', import.meta.url)
const SCHEMA = new URL('../docs/recording.schema.json', import.meta.url)
/** In documents: what stands before it is written by hand. */
const MARK = '<!-- from here on made by: npm run docs -->\n'

function renew(file: URL, made: string): void {
  const [intro, ...before] = readFileSync(file, 'utf8').split(MARK)
  if (before.length !== 1) throw new Error(`${file.pathname} must have one line ${MARK}`)
  writeFileSync(file, `${intro}${MARK}\n${made}`)
}

async function apiDocument() {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-docs-'))
  const config = { ...loadConfig({ flags: {}, env: {} }), data, https: false }
  const server = new RollcallServer({
    config,
    log: createLog({ level: 'error', format: 'text', write: () => {} }),
  })
  const document = await server.apiDocument()
  await server.close()
  rmSync(data, { recursive: true, force: true })
  return document
}

renew(CONFIGURATION, configurationMarkdown())
renew(API, apiMarkdown(routesOf(await apiDocument())))
writeFileSync(SCHEMA, `${JSON.stringify(recordingJsonSchema(), null, 2)}\n`)
for (const language of ['en', 'zh'] as const)
  writeFileSync(new URL(`warning-${language}.svg`, PICTURES), warningPicture(language))
