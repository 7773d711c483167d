/** What docs/operations.md hands out, held against this repository and against the programs that read it. */

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addConfigOptions } from '../src/config.ts'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { OPTIONS } from '../src/options.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { hasPictures } from './support/mp4.ts'
import { ServerProcess } from './support/process.ts'
import { expectTimesPrefix, foldersOf, StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
/** What is installed as in the documents: a copy of the repository. */
const INSTALLED = '/opt/rollcall/'
const operations = read('docs/operations.md')
const scripts = JSON.parse(read('package.json')).scripts

/** Fails on what `rollcall serve` would refuse. */
function expectServes(args: string[]): void {
  expect(args[0]).toBe('serve')
  const command = addConfigOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
  expect(() => command.parse(args.slice(1), { from: 'user' })).not.toThrow()
}

describe('deploy/rollcall.service', () => {
  const unit = read('deploy/rollcall.service')
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1]!)

  it('runs a file that is there, with options that there are, on a folder that it may write to', () => {
    const [node, program, ...args] = values('ExecStart')[0]!.split(' ')
    expect(basename(node!)).toBe('node')
    expect(existsSync(join(ROOT, program!.replace(INSTALLED, '')))).toBe(true)
    expectServes(args)
    expect(args[args.indexOf('--data') + 1]).toBe(`/var/lib/${values('StateDirectory')[0]}`)
    expect(values('WorkingDirectory')).toEqual([`/var/lib/${values('StateDirectory')[0]}`])
  })

  it('gives the server time to stop the cameras', () => {
    expect(Number.parseInt(values('TimeoutStopSec')[0]!, 10) * 1000).toBeGreaterThan(
      OPTIONS.stopWaitMs.default,
    )
  })

  it.skipIf(!isInstalled('systemd-analyze'))(
    'is a unit that systemd finds no fault with (left out where there is no systemd-analyze)',
    async () => {
      const path = join(await temporaryFolder(), 'rollcall.service')
      await writeFile(path, unit.replace('/usr/bin/node', process.execPath))
      const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
      expect([stdout, stderr, status]).toEqual(['', '', 0])
    },
  )
})

describe('the Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^\s*([A-Z]+)\s+(.*)$/.exec(line)!.slice(1) as [string, string])
  const last = (name: string) => instructions.findLast(([word]) => word === name)![1]

  it('copies what is there, and .dockerignore lets it pass', () => {
    const ignored = read('.dockerignore').split('\n')
    const copies = instructions.filter(([word, rest]) => word === 'COPY' && !rest.startsWith('--from'))
    const sources = copies.flatMap(([, rest]) => rest.split(/\s+/).slice(0, -1))
    expect(sources.length).toBeGreaterThan(5)
    for (const source of sources) {
      expect(existsSync(join(ROOT, source)), source).toBe(true)
      expect(ignored).toContain(`!${source.replace('./', '')}`)
    }
    expect(ignored).toContain('*')
  })

  it('takes from the build what is built there, and runs scripts that there are', () => {
    const taken = instructions.flatMap(([, rest]) => /^--from=build \/build\/(\S+)/.exec(rest)?.[1] ?? [])
    expect(taken.sort()).toEqual(['dist', 'node_modules'])
    const runs = instructions
      .filter(([word]) => word === 'RUN')
      .map(([, rest]) => rest)
      .join('\n')
    for (const [, script] of runs.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty(script!)
    expect(runs).toContain('npm run build')
  })

  it('runs as nobody special, a program that is there, with options that there are, on its volume', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const [node, program] = JSON.parse(last('ENTRYPOINT'))
    expect(node).toBe('node')
    expect(existsSync(join(ROOT, program.replace(INSTALLED, '')))).toBe(true)
    const args: string[] = JSON.parse(last('CMD'))
    expectServes(args)
    expect(args[args.indexOf('--data') + 1]).toBe(last('VOLUME'))
    expect(last('EXPOSE')).toBe(String(OPTIONS.port.default))
    expect(last('FROM')).toMatch(/^node:20-/)
  })

  it('has a health check that tells a server that lives from one that does not', async () => {
    const [, words] = /CMD (\[.*\])$/.exec(last('HEALTHCHECK'))!
    const [node, flag, code] = JSON.parse(words!)
    expect([node, flag]).toEqual(['node', '-e'])
    const server = await ServerProcess.start(['--data', await temporaryFolder(), '--no-thumbnails'])
    const check = () => spawnSync(process.execPath, ['-e', code.replace('50001', String(server.port))]).status
    expect(check()).toBe(0)
    await server.end('SIGTERM')
    expect(check()).toBe(1)
  })
})

describe('docs/operations.md', () => {
  it('names options that there are', () => {
    const flags = addConfigOptions(new Command()).options.map(({ long }) => long)
    const told = [...operations.matchAll(/^\| `(--[a-z-]+) /gm)].map((match) => match[1])
    expect(told).toEqual(['--keep-days', '--keep-bytes', '--min-free'])
    expect(flags).toEqual(expect.arrayContaining(told))
  })

  it.skipIf(!isInstalled('nginx'))(
    'hands out a configuration that nginx finds no fault with (left out where there is no nginx)',
    async () => {
      const folder = await temporaryFolder()
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-keyout',
          join(folder, 'privkey.pem'),
          '-out',
          join(folder, 'fullchain.pem'),
          '-days',
          '1',
          '-subj',
          '/CN=cameras.example.org',
        ],
        { stdio: 'ignore' },
      )
      const site = read('deploy/nginx.conf')
        .replaceAll('/etc/ssl/rollcall/', `${folder}/`)
        .replace('/var/log/nginx/', `${folder}/`)
      await writeFile(join(folder, 'site.conf'), site)
      await writeFile(
        join(folder, 'nginx.conf'),
        `pid ${folder}/pid;\nevents {}\nhttp { include ${folder}/site.conf; }\n`,
      )
      const args = ['-t', '-q', '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
      const { stderr, status } = spawnSync('nginx', args, { encoding: 'utf8' })
      expect([stderr, status]).toEqual(['', 0])
    },
  )

  it('backs up what is at rest while the server records, and what is copied from under its hands can be recovered', async () => {
    const [, script] = /```sh\n(cd \/var\/lib\/rollcall\n.*?)```/s.exec(operations)!
    const data = await temporaryFolder()
    const backup = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const closed = await StreamingPhone.connect(server.port)
    const open = await StreamingPhone.connect(server.port)
    closed.start()
    closed.stop()
    await server.says(/recording \S+ closed/)
    open.start()
    const folder = await until('pictures on the disk', async () => {
      const [found] = await foldersOf(data, open)
      return found && (await hasPictures(join(found, 'stream.mp4'))) && found
    })
    await until('recording.json', () => existsSync(join(folder, 'recording.json')))
    const run = script!.replace('/var/lib/rollcall', data).replace('/backup/', `${backup}/`)
    for (let i = 0; i < 2; i += 1) execFileSync('sh', ['-euc', run])
    const [copy, ...more] = await recordingsIn(backup)
    expect([basename(copy!), more]).toEqual([basename((await foldersOf(data, closed))[0]!), []])
    expect(await verifyFolder(copy!)).toEqual([])

    const early = join(backup, basename(folder))
    await mkdir(early)
    cpSync(folder, early, { recursive: true })
    const { document } = await recoverFolder(early, OPTIONS.maxGapMs.default)
    expect(document.pictures).toBeGreaterThan(0)
    expect(await expectTimesPrefix(early, open.sent)).toBe(document.pictures)
    open.stop()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await documentIn(folder)).toMatchObject({ state: 'closed', pictures: open.sent.length - 1 })
  })
})

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}
