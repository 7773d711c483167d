/** The documents say what the code does: tables, examples, commands and links are held against it. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { configurationMarkdown } from '../src/config.ts'
import { helpLines } from '../src/console/command.ts'
import { ERROR_CODES } from '../src/errors.ts'
import { readAccessUnit } from '../src/h264/access-unit.ts'
import { routesOf } from '../src/http/api-document.ts'
import { apiMarkdown } from '../src/http/api-markdown.ts'
import { warningPicture } from '../src/http/warning-picture.ts'
import { INVARIANTS } from '../src/library/verify.ts'
import { OPTIONS } from '../src/options.ts'
import { recordingJsonSchema } from '../src/recording/document.ts'
import { ROWS_HEADER } from '../src/recording/recording.ts'
import { addSimulateOptions } from '../src/simulate/simulate.ts'
import { parseFramePacket } from '../src/wire/frame-packet.ts'
import { parseCameraMessage, STOP_CAPTURE_TEXT, startCaptureText } from '../src/wire/messages.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const READMES = ['README.md', 'README.zh-CN.md']
const DOCUMENTS = [
  ...READMES,
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
/** Not ours, or made by running. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', 'recordings', '.git'])
const MAX_SEARCHED_BYTES = 1024 * 1024

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const scripts = Object.keys(JSON.parse(read('package.json')).scripts)

/** The contents of fenced code blocks, of one language or of all. */
function codeBlocks(text: string, language = '\\w*'): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1]!)
}

/** First cells of a Markdown table's rows that are code. */
function codeCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!)
}

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '')
  return words.replaceAll(' ', '-')
}

/** Every file of the project, as paths from its root. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesUnder(path)
    return entry.isFile() ? [relative(ROOT, path)] : []
  })
}

describe('what the documents take from the code', () => {
  it('is every error code, and no other', () => {
    expect(codeCells(read('docs/errors.md')).sort()).toEqual(Object.keys(ERROR_CODES).sort())
  })

  it('is every option; to renew it: npm run docs', () => {
    expect(read('docs/configuration.md').endsWith(`-->\n\n${configurationMarkdown()}`)).toBe(true)
  })

  it('is the HTTP API in docs/api.md, every route of the server; to renew it: npm run docs', async () => {
    const { server } = await startServer()
    const routes = routesOf(await server.apiDocument())
    expect(read('docs/api.md').endsWith(`-->\n\n${apiMarkdown(routes)}`)).toBe(true)
    const named = routes.map(({ method, path }) => `${method} ${path}`)
    expect(named.sort()).toEqual(server.routes.filter((route) => !route.endsWith('*')).sort())
  })

  it('is the defaults that are told in passing', () => {
    const units: Record<string, number> = { s: 1000, GiB: 1024 ** 3, MiB: 1024 ** 2, KiB: 1024 }
    const texts = DOCUMENTS.map(read).join('\n')
    const after = [...texts.matchAll(/`(\w+)`(?: \(|, )(\d+) ?(s|GiB|MiB|KiB)?\b/g)].map((m) => [
      m[1],
      m[2],
      m[3],
    ])
    const before = [...texts.matchAll(/(\d+) (s|GiB|MiB|KiB)(?: ahead)? \(`(\w+)`/g)].map((m) => [
      m[3],
      m[1],
      m[2],
    ])
    const told = [...after, ...before].filter(([key]) => key! in OPTIONS)
    expect(told.length).toBeGreaterThan(8)
    for (const [key, number, unit] of told)
      expect([key, Number(number) * (units[unit ?? ''] ?? 1)]).toEqual([
        key,
        OPTIONS[key as keyof typeof OPTIONS].default,
      ])
  })

  it('is every flag of the simulator, and no other', () => {
    const { options } = addSimulateOptions(new Command())
    const told = codeCells(read('docs/simulate.md')).filter((cell) => cell.startsWith('--'))
    expect(told.map((cell) => cell.split(' ')[0])).toEqual(options.map(({ long }) => long))
  })

  it.each(['en', 'zh'] as const)(
    'is the drawing of the warning (%s); to renew it: npm run docs',
    (language) => {
      expect(read(`docs/images/warning-${language}.svg`)).toBe(warningPicture(language))
    },
  )

  it('is every HTTP route', async () => {
    const { server } = await startServer()
    const told = DOCUMENTS.map(read).join('\n')
    const paths = server.routes.map((route) => route.split(' ')[1]!)
    const isTold = (path: string) => told.includes(`${path}\``)
    expect(paths.filter((path) => !isTold(path))).toEqual([])
  })

  it('is every storage invariant, by its number', () => {
    const [, section = ''] = read('docs/storage.md').split(/^## The invariants$/m)
    const told = [...section.split(/^## /m)[0]!.matchAll(/^(\d+)\. (.*)$/gm)]
    expect(told.map(([, number, text]) => [number, text])).toEqual(Object.entries(INVARIANTS))
  })

  it('is the schema of recording.json; to renew it: npm run docs', () => {
    expect(JSON.parse(read('docs/recording.schema.json'))).toEqual(recordingJsonSchema())
  })

  it('is every key of recording.json', () => {
    const { properties } = recordingJsonSchema() as { properties: Record<string, { properties?: object }> }
    const keys = [...Object.keys(properties), ...Object.keys(properties.integrity!.properties!)]
    const storage = read('docs/storage.md')
    expect(keys.filter((key) => !storage.includes(`\`${key}\``))).toEqual([])
  })

  it.each([...READMES, 'docs/storage.md'])('is the header of frames.csv in %s', (file) => {
    expect(read(file)).toContain(ROWS_HEADER)
  })

  it.each(READMES)('is the help of the terminal in %s', (file) => {
    expect(codeBlocks(read(file))).toContain(`${helpLines(80).join('\n')}\n`)
  })
})

describe('docs/protocol.md', () => {
  const protocol = read('docs/protocol.md')
  const texts = codeBlocks(protocol, 'json')

  it('shows texts of a phone that Rollcall understands', () => {
    const fromPhone = texts.filter((text) => !('command' in JSON.parse(text)))
    expect(fromPhone.map((text) => parseCameraMessage(text).kind)).toEqual(['status', 'capabilities'])
  })

  it('shows the commands that Rollcall sends', () => {
    const commands = texts.map((text) => text.trim()).filter((text) => 'command' in JSON.parse(text))
    const request = { aspectRatio: { width: 4, height: 3 }, bitrateMbps: 4, fps: 10 }
    expect(commands).toEqual([startCaptureText(request), STOP_CAPTURE_TEXT])
  })

  it('shows a frame packet that Rollcall reads', () => {
    const hex = [...protocol.matchAll(/^ {4}((?:[0-9a-f]{2} )+) /gm)].map((match) => match[1]).join('')
    const packet = parseFramePacket(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(packet).toMatchObject({ captureMs: 81_234_567, sequence: 42 })
    expect(readAccessUnit(packet.payload)).toMatchObject({ picture: true, keyframe: false })
  })
})

describe('docs/recording.schema.json', () => {
  it('holds for the recording.json of a real recording, while it runs and when it is closed', async () => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
      JSON.parse(read('docs/recording.schema.json')),
    )
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    phone.binary(Buffer.from('no frame packet'))
    // A picture goes missing, another comes late, and the clock jumps.
    for (const [i, payload] of (await testPictures(20)).entries())
      if (i !== 5) phone.packet(i * 100 + (i > 9 ? 3_600_000 : 0) + (i === 7 ? 1000 : 0), payload, i)
    while (server.cameras()[0]?.pictures !== 19) await new Promise((resolve) => setTimeout(resolve, 10))
    const [folder] = await recordingsIn(data)
    while (!existsSync(join(folder!, 'recording.json')))
      await new Promise((resolve) => setTimeout(resolve, 10))
    const open = await documentIn(folder!)
    phone.status('capture_stopped')
    await phone.close()
    await server.close()
    const closed = await documentIn(folder!)
    for (const document of [open, closed]) {
      validate(document)
      expect(validate.errors).toBeNull()
    }
    expect([open.state, closed.state]).toEqual(['recording', 'closed'])
    expect(closed.integrity.clockJumps).not.toEqual([])
    expect(validate({ ...closed, state: 'finished' })).toBe(false)
  })
})

describe.each(DOCUMENTS)('%s', (file) => {
  const text = read(file)

  it('links to what is there', () => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '')
    for (const [, target = ''] of prose.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path, anchor] = target.split('#', 2)
      const linked = path ? join(dirname(file), path) : file
      expect(existsSync(join(ROOT, linked)), target).toBe(true)
      if (anchor === undefined) continue
      const headings = [...read(linked).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!))
      expect(headings, target).toContain(anchor)
    }
  })

  it('names commands that there are', () => {
    for (const [, script = ''] of text.matchAll(/npm run ([a-z-]+)/g)) expect(scripts).toContain(script)
    for (const [, script = ''] of text.matchAll(/npm (test|start)\b/g)) expect(scripts).toContain(script)
    for (const [, path = ''] of text.matchAll(/(?:^|[\s`(])\.?\/?((?:\.ci|scripts)\/[a-z]+)\b(?!\.)/gm))
      expect(statSync(join(ROOT, path)).mode & 0o111, path).not.toBe(0)
  })
})

describe('the READMEs', () => {
  it('show the same commands in every language', () => {
    const [english, ...others] = READMES.map((file) => codeBlocks(read(file)))
    for (const blocks of others) expect(blocks).toEqual(english)
  })

  it('have the same headings and tables in every language', () => {
    const shape = (file: string) =>
      [...read(file).matchAll(/^(#+ |\| |- )/gm)]
        .map((match) => match[1]!.trim())
        .filter((mark) => mark !== '-')
    const [english, ...others] = READMES.map(shape)
    for (const marks of others) expect(marks).toEqual(english)
  })

  it.each(READMES)('give the line that .ci/run runs in %s', (file) => {
    const [, after = ''] = read(file).split('<!-- the tests: .ci/run runs this line -->\n')
    expect(after).toMatch(/^```sh\n[^\n]* npm test\n```\n/)
    expect(read('.ci/run')).toContain('<!-- the tests: .ci\\/run runs this line -->')
  })
})

describe('the project', () => {
  it('names no home folder of a machine', () => {
    const home = /(?<![\w.])\/(?:home|Users)\/\w|(?<![\w.])\/root\//
    const found = filesUnder(ROOT).filter((file) => {
      const path = join(ROOT, file)
      return statSync(path).size <= MAX_SEARCHED_BYTES && home.test(readFileSync(path, 'latin1'))
    })
    expect(found).toEqual([])
  })
})
