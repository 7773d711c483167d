import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { addConfigOptions, envOf, flagOf, loadConfig } from './config.ts'
import { RequestError } from './errors.ts'
import { OPTIONS } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const absent = join(folder, 'absent.json')
const keys = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]

function fileWith(content: unknown): string {
  const path = join(folder, 'rollcall.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function parsed(...args: string[]): Record<string, unknown> {
  const command = addConfigOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
  return command.parse(args, { from: 'user' }).opts()
}

const load = (sources: { flags?: Record<string, unknown>; env?: NodeJS.ProcessEnv; file?: string }) =>
  loadConfig({ flags: {}, env: {}, file: absent, ...sources })

function refusal(sources: Parameters<typeof load>[0]): string {
  try {
    load(sources)
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

describe('loadConfig', () => {
  it('takes every default when nothing is given', () => {
    const config = load({})
    expect(config).toEqual(Object.fromEntries(keys.map((key) => [key, OPTIONS[key].default])))
    expect(config).toMatchObject({ host: '0.0.0.0', port: 50001, raw: true, maxPacketBytes: 16777216 })
  })

  it('has defaults that its own table allows', () => {
    for (const key of keys)
      expect(OPTIONS[key].schema.safeParse(OPTIONS[key].default).success, key).toBe(true)
  })

  it('puts a flag before the environment, that before the file, that before the default', () => {
    const file = fileWith({ port: 1, fragmentMs: 200, maxGapMs: 2000 })
    const env = { ROLLCALL_PORT: '2', ROLLCALL_FRAGMENT_MS: '300' }
    expect(load({ file })).toMatchObject({ port: 1, fragmentMs: 200, maxGapMs: 2000, confirmMs: 5000 })
    expect(load({ file, env })).toMatchObject({ port: 2, fragmentMs: 300, maxGapMs: 2000 })
    expect(load({ file, env, flags: parsed('--port', '3') })).toMatchObject({ port: 3, fragmentMs: 300 })
  })

  it('reads the file that --config names instead of the usual one', () => {
    const named = join(folder, 'other.json')
    writeFileSync(named, '\uFEFF{"port": 7}')
    expect(load({ file: fileWith({ port: 1 }), flags: parsed('--config', named) }).port).toBe(7)
  })

  it('takes FFMPEG_BIN after flag, ROLLCALL_FFMPEG and file, and before the default', () => {
    const env = { FFMPEG_BIN: '/opt/a' }
    expect(load({ env }).ffmpeg).toBe('/opt/a')
    expect(load({ env: { FFMPEG_BIN: '' } }).ffmpeg).toBe('ffmpeg')
    expect(load({ env, file: fileWith({ ffmpeg: '/opt/b' }) }).ffmpeg).toBe('/opt/b')
    expect(load({ env: { ...env, ROLLCALL_FFMPEG: '/opt/c' } }).ffmpeg).toBe('/opt/c')
    expect(load({ env, flags: parsed('--ffmpeg', '/opt/d') }).ffmpeg).toBe('/opt/d')
  })

  it('turns off and on again by flags, and lets a flag left out decide nothing', () => {
    const file = fileWith({ raw: false, thumbnails: false })
    expect(load({ file, flags: parsed() })).toMatchObject({ raw: false, thumbnails: false })
    expect(load({ file, flags: parsed('--raw') })).toMatchObject({ raw: true, thumbnails: false })
    expect(load({ flags: parsed('--no-raw', '--no-join-running-take') })).toMatchObject({
      raw: false,
      joinRunningTake: false,
      thumbnails: true,
    })
  })

  it.each([
    ['true', true],
    ['1', true],
    ['Yes', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('reads %s in the environment as %s', (text, value) => {
    expect(load({ env: { ROLLCALL_RAW: text } }).raw).toBe(value)
  })

  it.each(['12abc', '', ' ', '1e3', '0x10', '80.5', '-1', '65536', 'Infinity', '99999999999999999999'])(
    'refuses port "%s", naming the variable and what is allowed',
    (text) => {
      const message = refusal({ env: { ROLLCALL_PORT: text } })
      expect(message).toContain('port (from ROLLCALL_PORT) must be a whole number from 0 to 65535')
      expect(message).toContain(`got ${JSON.stringify(/^-?\d+$/.test(text) ? Number(text) : text)}`)
    },
  )

  it.each(['', 'maybe', '2', 'on'])('refuses "%s" for a yes or no', (text) => {
    expect(refusal({ env: { ROLLCALL_RAW: text } })).toMatch(
      /^raw \(from ROLLCALL_RAW\) must be true or false/,
    )
  })

  it('refuses bad flags and bad values in the file by their source', () => {
    expect(refusal({ flags: parsed('--fragment-ms', '1001') })).toBe(
      'fragmentMs (from --fragment-ms) must be a whole number from 100 to 1000 (ms); got 1001',
    )
    expect(refusal({ flags: parsed('--log-level', 'loud') })).toContain(
      'trace, debug, info, warn, error, fatal',
    )
    for (const wrong of [{ port: '1' }, { port: null }, { raw: 1 }, { data: '' }, { host: 1 }]) {
      const file = fileWith(wrong)
      expect(refusal({ file })).toContain(`${Object.keys(wrong)[0]} (from ${file}) must be `)
    }
  })

  it('keeps a refused value short', () => {
    expect(refusal({ env: { ROLLCALL_PORT: 'x'.repeat(10_000) } }).length).toBeLessThan(200)
  })

  it('refuses unknown keys and variables, naming them and what there is', () => {
    for (const key of ['prot', '__proto__', 'toString']) {
      const message = refusal({ file: fileWith(`{"${key}": 1}`) })
      expect(message).toContain(`"${key}" in ${join(folder, 'rollcall.json')} is no option`)
      expect(message).toContain('port')
    }
    for (const key of ['keepdays', 'keep-days', 'KEEP_DAYS'])
      expect(refusal({ file: fileWith(`{"${key}": 1}`) })).toMatch(/ is no option; did you mean keepDays\?/)
    expect(refusal({ env: { ROLLCALL_PROT: '1' } })).toMatch(
      /"ROLLCALL_PROT" in the environment .*ROLLCALL_PORT/,
    )
    expect(() => parsed('--prot', '1')).toThrow()
  })

  it('refuses a file that is no JSON object, and a named one that is not there', () => {
    expect(refusal({ file: fileWith('{port: 1}') })).toContain('is no JSON')
    for (const other of ['[]', 'null', '1'])
      expect(refusal({ file: fileWith(other) })).toContain('one JSON object')
    expect(refusal({ flags: { config: absent } })).toContain(`${absent} cannot be read`)
    expect(refusal({ file: folder })).toContain('cannot be read')
  })
})

describe('the table', () => {
  it('names flags and variables after its keys', () => {
    expect([flagOf('joinRunningTake'), envOf('joinRunningTake')]).toEqual([
      '--join-running-take',
      'ROLLCALL_JOIN_RUNNING_TAKE',
    ])
  })

  it('stands in the help', () => {
    const help = addConfigOptions(new Command()).helpInformation()
    for (const key of keys.filter((one) => one !== 'token')) {
      const flag = typeof OPTIONS[key].default === 'boolean' ? flagOf(`no-${key}`) : flagOf(key)
      expect(help).toContain(`  ${flag.replace('--no--', '--no-')} `)
    }
    expect(help).toContain('--config <file>')
  })

  it('has no flag for the token, which comes from the environment or the file and is quoted nowhere', () => {
    const help = addConfigOptions(new Command()).helpInformation()
    expect(help).not.toMatch(/--token|ROLLCALL_TOKEN/)
    expect(() => parsed('--token', 'x'.repeat(20))).toThrow()
    const token = 'a-token-of-somebody'
    expect(load({ env: { ROLLCALL_TOKEN: token } }).token).toBe(token)
    expect(load({ file: fileWith({ token }) }).token).toBe(token)
    for (const wrong of ['short', `${token} ${token}`, `${token}\u00fc`]) {
      expect(refusal({ env: { ROLLCALL_TOKEN: wrong } })).toBe(
        'token (from ROLLCALL_TOKEN) must be 16 to 200 ASCII characters without spaces; got something else',
      )
    }
    expect(refusal({ file: fileWith(`{"token": ${token}}`) })).not.toContain(token)
    expect(refusal({ file: fileWith(`{"token": "${token}", }`) })).not.toContain(token)
    expect(refusal({ file: fileWith({ token: { token } }) })).not.toContain(token)
  })
})

describe('minFree', () => {
  it('is refused when it would not leave what start needs, with both named', () => {
    for (const minFree of [0, 2 ** 31]) expect(load({ flags: { minFree } }).minFree).toBe(minFree)
    expect(refusal({ flags: { minFree: 500_000_000 } })).toMatch(
      /^minFree must be 0 or at least minFreeBytes and twice reserveBytes .* = 1207959552 .* got 500000000$/,
    )
    expect(load({ flags: { minFree: 2 ** 21, minFreeBytes: 0, reserveBytes: 2 ** 20 } }).minFree).toBe(
      2 ** 21,
    )
  })
})
