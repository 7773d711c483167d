/** Who may import whom, and what only one place may do: the design, held by a test. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** What a file may import beside the files of its own folder. */
interface Rule {
  /** Folders and files of src. */
  ours: string[]
  /** Packages, and modules of Node. */
  packages: string[]
}

/**
 * The whole table: a folder of src, or a file that lies in src itself. A type that is imported counts too.
 * `errors.ts` and `time.ts` are without I/O and stand below everything.
 */
const MAY_IMPORT: Record<string, Rule> = {
  'errors.ts': { ours: [], packages: [] },
  'time.ts': { ours: [], packages: [] },
  'log.ts': { ours: ['time.ts'], packages: ['pino'] },
  'repeats.ts': { ours: ['log.ts', 'time.ts'], packages: [] },
  'version.ts': { ours: [], packages: ['node:fs'] },
  // What pages show of the configuration.
  'settings.ts': {
    ours: ['config.ts', 'console', 'http', 'ingest', 'options.ts', 'version.ts', 'wire'],
    packages: ['node:net', 'node:path'],
  },
  'sign-in-lines.ts': { ours: ['ingest'], packages: [] },
  'options.ts': { ours: [], packages: ['zod'] },
  'config.ts': { ours: ['errors.ts', 'options.ts'], packages: ['commander', 'node:fs', 'zod'] },
  // Pure: no clock, no I/O. The browser imports wire.
  wire: { ours: ['errors.ts'], packages: ['zod'] },
  h264: { ours: ['errors.ts'], packages: [] },
  jpeg: { ours: ['errors.ts'], packages: [] },
  mp4: { ours: ['errors.ts', 'h264'], packages: [] },
  // Knows nothing of recordings, viewers or the disk.
  ingest: {
    ours: ['errors.ts', 'jpeg', 'time.ts', 'wire'],
    packages: ['node:events', 'node:http', 'node:os', 'node:stream', 'ws'],
  },
  // What sends numbers and is no camera.
  devices: {
    ours: ['errors.ts', 'ingest', 'time.ts', 'wire'],
    packages: ['node:fs/promises', 'node:path', 'node:timers/promises'],
  },
  // What boards have beside their recordings.
  'boards.ts': { ours: ['config.ts', 'ingest', 'library', 'live', 'repeats.ts'], packages: [] },
  // The server's name in the network, in a worker of its own.
  mdns: { ours: [], packages: ['@homebridge/ciao', 'node:os', 'node:worker_threads'] },
  // The pages. They run in a browser: of the server they know the wire alone.
  web: {
    ours: ['wire'],
    packages: ['preact', 'preact/hooks', '@preact/signals', 'uplot', 'uplot/dist/uPlot.min.css', 'uqr'],
  },
  // What browsers and scripts ask for, and who may.
  http: {
    ours: ['errors.ts', 'ingest', 'library', 'log.ts', 'time.ts', 'wire'],
    packages: [
      '@fastify/static',
      '@fastify/swagger',
      '@peculiar/x509',
      'fastify',
      'fastify-type-provider-zod',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:net',
      'node:os',
      'node:path',
      'node:perf_hooks',
      'node:stream',
      'node:timers/promises',
      'node:tls',
      'node:url',
      'prom-client',
      'yazl',
      'reflect-metadata',
      'zod',
    ],
  },
  // What viewers are sent. Knows nothing of recordings or the disk.
  live: {
    ours: ['errors.ts', 'h264', 'ingest', 'jpeg', 'time.ts', 'wire'],
    packages: ['node:http', 'node:stream', 'ws'],
  },
  // Knows no disk: library implements its RecordingFiles.
  recording: { ours: ['errors.ts', 'h264', 'jpeg', 'log.ts', 'mp4', 'time.ts', 'wire'], packages: ['zod'] },
  library: {
    ours: ['errors.ts', 'h264', 'jpeg', 'mp4', 'recording', 'time.ts', 'wire'],
    packages: [
      'node:child_process',
      'node:crypto',
      'node:events',
      'node:fs',
      'node:fs/promises',
      'node:os',
      'node:path',
      'node:readline',
      'node:timers/promises',
      'node:worker_threads',
      'zod',
    ],
  },
  // Of recording it takes types only.
  console: {
    ours: ['errors.ts', 'log.ts', 'recording', 'time.ts', 'wire'],
    packages: ['node:readline', 'uqr'],
  },
  // Phones and boards: they know nothing of the server.
  simulate: {
    ours: ['errors.ts', 'h264', 'time.ts', 'wire'],
    packages: [
      'commander',
      'node:child_process',
      'node:fs/promises',
      'node:timers/promises',
      'node:util',
      'ws',
    ],
  },
  'server.ts': {
    ours: [
      'archive.ts',
      'boards.ts',
      'config.ts',
      'console',
      'devices',
      'http',
      'ingest',
      'library',
      'live',
      'log.ts',
      'operation.ts',
      'recording',
      'room',
      'seat',
      'settings.ts',
      'time.ts',
      'version.ts',
      'way-in.ts',
      'wire',
    ],
    packages: ['fastify', 'node:http'],
  },
  // What people see and steer: the terminal and the pages come here.
  room: {
    ours: [
      'config.ts',
      'console',
      'errors.ts',
      'http',
      'ingest',
      'library',
      'log.ts',
      'recording',
      'seat',
      'time.ts',
      'wire',
    ],
    packages: ['node:fs/promises', 'node:path', 'zod'],
  },
  // How phones get in.
  'way-in.ts': {
    ours: ['config.ts', 'console', 'errors.ts', 'http', 'log.ts', 'mdns', 'settings.ts', 'time.ts'],
    packages: ['fastify', 'node:net', 'node:os'],
  },
  // What a crash left.
  'recovery.ts': {
    ours: ['errors.ts', 'library', 'log.ts', 'recording', 'seat', 'time.ts'],
    packages: ['node:fs/promises', 'node:path'],
  },
  // A camera, what records it and what shows it live.
  seat: {
    ours: [
      'config.ts',
      'console',
      'errors.ts',
      'h264',
      'ingest',
      'library',
      'live',
      'log.ts',
      'operation.ts',
      'recording',
      'time.ts',
      'wire',
    ],
    packages: [],
  },
  // What is on the disk, and what becomes of it.
  'archive.ts': {
    ours: ['config.ts', 'library', 'log.ts', 'operation.ts', 'recovery.ts', 'seat', 'time.ts', 'wire'],
    packages: ['node:path'],
  },
  // What keeps the server in order beside the recording.
  'operation.ts': {
    ours: [
      'config.ts',
      'console',
      'errors.ts',
      'http',
      'library',
      'log.ts',
      'recording',
      'repeats.ts',
      'time.ts',
    ],
    packages: ['fastify'],
  },
  'main.ts': {
    ours: [
      'config.ts',
      'console',
      'errors.ts',
      'http',
      'ingest',
      'library',
      'log.ts',
      'server.ts',
      'sign-in-lines.ts',
      'simulate',
      'version.ts',
    ],
    packages: ['commander', 'node:fs/promises', 'node:path'],
  },
}

/** What only these may do. */
const ONLY: { what: string; pattern: RegExp; where: RegExp }[] = [
  { what: 'end the process', pattern: /\bprocess\.(exit|exitCode|abort)\b/, where: /^main\.ts$/ },
  { what: 'signal processes', pattern: /\bprocess\.kill\b/, where: /^library\/data-lock\.ts$/ },
  { what: 'start programs', pattern: /\b(spawn|execFile|fork)\(/, where: /^(library|simulate)\// },
  {
    what: 'speak to standard streams',
    pattern: /\bconsole\.\w+\(|\bprocess\.std(in|out|err)\b/,
    where: /^(main\.ts|log\.ts|simulate\/simulate\.ts)$/,
  },
]
/** Pure code has neither a clock nor what browsers lack. */
const PURE = /^(wire|h264|jpeg|mp4)\//
const IMPURE = /\b(Buffer\.|process\.|performance\.|Date\.now|setTimeout|setInterval|setImmediate|require\()/

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SRC = join(ROOT, 'src')
const filesBelow = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
const sources = filesBelow('src')
  .filter((name) => !name.endsWith('.test.ts'))
  .map((path) => ({ path, name: relative('src', path), code: codeOf(path) }))
const tests = [...filesBelow('src'), ...filesBelow('test'), ...(hasBench() ? filesBelow('bench') : [])]
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => join(ROOT, name) !== fileURLToPath(import.meta.url))

/** A file without its comments. */
function codeOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
}

function hasBench(): boolean {
  return readdirSync(ROOT).includes('bench')
}

/** The folder of src that a file lies in, or the file itself. */
function unitOf(name: string): string {
  return name.split('/', 1)[0]!
}

function importsOf({ name, code }: { name: string; code: string }): { ours: string[]; packages: string[] } {
  const statements = /^(?:(?:im|ex)port\b[^'\n]* from |import |\} from )'([^']+)'|\bimport\('([^']+)'\)/gm
  const specifiers = [...code.matchAll(statements)].map((match) => match[1] ?? match[2]!)
  const relatives = specifiers.filter((specifier) => specifier.startsWith('.'))
  return {
    ours: relatives.map((specifier) => relative(SRC, join(SRC, dirname(name), specifier))),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  }
}

it('the table names every folder and file of src', () => {
  expect([...new Set(sources.map(({ name }) => unitOf(name)))].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
})

describe.each(sources)('$path', (source) => {
  const rule = MAY_IMPORT[unitOf(source.name)] ?? { ours: [], packages: [] }
  const { ours, packages } = importsOf(source)

  it('imports only what the table allows', () => {
    const others = ours.map(unitOf).filter((unit) => unit !== unitOf(source.name))
    expect(others.filter((unit) => !rule.ours.includes(unit))).toEqual([])
    expect(packages.filter((name) => !rule.packages.includes(name))).toEqual([])
  })

  it('does nothing that is for others to do', () => {
    for (const { what, pattern, where } of ONLY)
      if (!where.test(source.name)) expect(source.code, `${what}: ${where}`).not.toMatch(pattern)
    if (PURE.test(source.name)) expect(source.code).not.toMatch(IMPURE)
  })
})

it('nothing is imported in a circle, types apart', () => {
  const known = new Map(
    sources.map(({ name, code }) => {
      const atRun = code.replaceAll(/^import type .*$|^import type \{[^}]*\} from .*$/gm, '')
      return [name, importsOf({ name, code: atRun }).ours]
    }),
  )
  const done = new Set<string>()
  const walk = (name: string, path: string[]) => {
    expect(path, 'a circle').not.toContain(name)
    if (done.has(name)) return
    for (const next of known.get(name) ?? []) walk(next, [...path, name])
    done.add(name)
  }
  for (const name of known.keys()) walk(name, [])
})

it('there are no barrels, and no rooms for odds and ends', () => {
  const names = sources.map(({ name }) => name)
  expect(names.filter((name) => /(^|\/)index\.ts$/.test(name))).toEqual([])
  expect(names.filter((name) => /^(utils|types|services|helpers)(\/|\.ts$)/.test(name))).toEqual([])
  expect(sources.filter(({ code }) => /export \* from/.test(code)).map(({ name }) => name)).toEqual([])
})

it('no test is skipped without a word, runs alone, or sleeps', () => {
  for (const path of tests) {
    const code = codeOf(path)
    expect(code, path).not.toMatch(/\b(it|test|describe)\.(only|skip|todo|fails)\b/)
    // What a machine lacks may leave tests out; then the run says so.
    if (/\.(skipIf|runIf)\(/.test(code)) expect(code, path).toMatch(/left out|skipped where/)
    // Short waits between two looks are no sleeps.
    expect(code, `${path}: a sleep`).not.toMatch(/\bsleep\(\d|setTimeout\(\w+, \d{3,}\)/)
  }
})

it('what mocks modules runs in a process of its own: APART in vitest.config.ts', () => {
  const config = readFileSync(join(ROOT, 'vitest.config.ts'), 'utf8')
  for (const path of tests.filter((name) => !name.startsWith('src/web/')))
    if (/\bvi\.(mock|doMock)\(/.test(codeOf(path))) expect(config).toContain(`'${path}'`)
})
