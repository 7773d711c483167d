/** Reads the options from where they may stand, and checks them; makes the flags and docs/configuration.md of them. */

import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { RequestError } from './errors.ts'
import { GIB, KIB, MIB, OPTIONS, type OptionRow, type Value } from './options.ts'

/** Looked for in the working directory when no `--config` names another file. */
const CONFIG_FILE = 'rollcall.json'
const ENV_PREFIX = 'ROLLCALL_'
/** A refused value is quoted up to this many characters. */
const MAX_QUOTED_CHARS = 80

type Key = keyof typeof OPTIONS

/** Every option with its value, checked. Keys carry their units. */
export type Config = { [K in Key]: z.infer<(typeof OPTIONS)[K]['schema']> }

const rows = Object.entries(OPTIONS) as [Key, OptionRow<Value>][]

/** `maxGapMs` as its flag, `--max-gap-ms`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** `maxGapMs` as its environment variable, `ROLLCALL_MAX_GAP_MS`. */
export function envOf(key: string): string {
  return ENV_PREFIX + key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/**
 * Gathers the options: a flag comes before its environment variable, that before rollcall.json, that
 * before the default.
 *
 * @param sources.flags - What commander parsed; keys that are no option are left alone. `config` names the file.
 * @param sources.file - Path looked at when `flags.config` names none; it need not be there.
 * @throws {RequestError} `CONFIG_INVALID` for an unknown key or variable, a value that is not allowed, or a
 *   file that cannot be read; the message names the key, where it came from and what is allowed.
 */
export function loadConfig(sources: {
  flags: Readonly<Record<string, unknown>>
  env: NodeJS.ProcessEnv
  file?: string
}): Config {
  const { flags, env } = sources
  const named = typeof flags.config === 'string' ? flags.config : undefined
  const fileName = named ?? sources.file ?? CONFIG_FILE
  const file = readConfigFile(fileName, named !== undefined)
  refuseUnknown(file.keys(), new Set(rows.map(([key]) => key)), `in ${fileName}`)
  const variables = Object.keys(env).filter((name) => name.startsWith(ENV_PREFIX))
  refuseUnknown(variables, new Set(rows.map(([key]) => envOf(key))), 'in the environment')

  const config: Record<string, Value> = {}
  for (const [key, row] of rows) {
    const [flag, variable] = [row.isSecret ? undefined : flags[key], env[envOf(key)]]
    if (flag !== undefined) config[key] = check(key, row, fromText(flag, row), flagOf(key))
    else if (variable !== undefined) config[key] = check(key, row, fromText(variable, row), envOf(key))
    else if (file.has(key)) config[key] = check(key, row, file.get(key), fileName)
    else config[key] = (key === 'ffmpeg' && env.FFMPEG_BIN) || row.default
  }
  checkTogether(config as Config)
  return config as Config
}

/** Retention must leave what a start needs. Twice the reserve: recordings begin again with some more than ends them. */
function checkTogether({ minFree, minFreeBytes, reserveBytes }: Config): void {
  const least = minFreeBytes + 2 * reserveBytes
  if (minFree > 0 && minFree < least)
    throw invalid(
      `minFree must be 0 or at least minFreeBytes and twice reserveBytes together, ${minFreeBytes} + 2 × ${reserveBytes} = ${least} (bytes), or start would be refused while there are recordings to remove; got ${minFree}`,
    )
}

/** Gives a command the flags of the table. Defaults stand in the help only, so that a flag left out is `undefined`. */
export function addConfigOptions(command: Command): Command {
  for (const [key, row] of rows) {
    if (row.isSecret) continue
    const flag = flagOf(key)
    if (typeof row.default === 'boolean') {
      // Both, so that a flag can overrule the file, and commander makes up no default.
      command.addOption(new Option(flag, row.help).hideHelp())
      command.addOption(new Option(flag.replace('--', '--no-'), row.offHelp))
    } else {
      const value = row.unit || (typeof row.default === 'number' ? 'number' : key.replace(/^log/, ''))
      const help = `${row.help} (${row.allowed}; default ${readable(row)})`
      command.addOption(new Option(`${flag} <${value.toLowerCase()}>`, help))
    }
  }
  return command.addOption(
    new Option('--config <file>', `Options as JSON (default ./${CONFIG_FILE}, if there)`),
  )
}

/** The table as Markdown, as it stands in docs/configuration.md: few columns, so that they stay wide. Ends with a newline. */
export function configurationMarkdown(): string {
  const lines = rows.map(([key, row]) => {
    const flag = typeof row.default === 'boolean' ? flagOf(key).replace('--', '--no-') : flagOf(key)
    const names = [key, row.isSecret ? '' : flag, envOf(key)]
      .filter(Boolean)
      .map((name) => `\`${name}\``)
      .join('<br>')
    const allowed = row.allowed.replace('a whole number from ', '')
    const cells = [names, readable(row), allowed, row.help]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  const head = '| key, flag, variable | default | allowed | what follows from it |\n|---|---|---|---|'
  return `${head}\n${lines.join('\n')}\n`
}

/** The default, with large byte counts in GiB, MiB or KiB as well. */
function readable({ default: value, unit }: OptionRow<Value>): string {
  if (value === '') return 'none'
  if (unit !== 'bytes' || typeof value !== 'number' || value === 0)
    return `${value}${unit === 'ms' ? ' ms' : ''}`
  if (value % GIB === 0) return `${value} (${value / GIB} GiB)`
  return value % MIB === 0 ? `${value} (${value / MIB} MiB)` : `${value} (${value / KIB} KiB)`
}

/** Text of a flag or a variable as the kind of value that the option has; what does not convert stays text. */
function fromText(value: unknown, row: OptionRow<Value>): unknown {
  if (typeof value !== 'string') return value
  const word = value.trim()
  if (typeof row.default === 'number') return /^-?\d+$/.test(word) ? Number(word) : value
  if (typeof row.default !== 'boolean') return value
  if (/^(true|1|yes)$/i.test(word)) return true
  return /^(false|0|no)$/i.test(word) ? false : value
}

function check(key: string, row: OptionRow<Value>, value: unknown, source: string): Value {
  const result = row.schema.safeParse(value)
  if (result.success) return result.data
  const unit = row.unit === 'ms' || row.unit === 'bytes' ? ` (${row.unit})` : ''
  const quoted = (JSON.stringify(value) ?? String(value)).slice(0, MAX_QUOTED_CHARS)
  const got = row.isSecret ? 'something else' : quoted
  throw invalid(`${key} (from ${source}) must be ${row.allowed}${unit}; got ${got}`)
}

function refuseUnknown(names: Iterable<string>, known: ReadonlySet<string>, where: string): void {
  for (const name of names) {
    if (known.has(name)) continue
    const meant = [...known].find((one) => bare(one) === bare(name))
    const instead = meant ? `did you mean ${meant}?` : `allowed are ${[...known].join(', ')}`
    throw invalid(`${JSON.stringify(name)} ${where} is no option; ${instead}`)
  }
}

/** `keepdays` and `keep-days` as `keepDays`. */
function bare(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase()
}

function readConfigFile(path: string, mustExist: boolean): Map<string, unknown> {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw invalid(`config: ${path} cannot be read: ${(cause as Error).message}`, cause)
  }
  let value: unknown
  try {
    // Editors on Windows put a byte order mark in front.
    value = JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch (cause) {
    // The parser quotes what it read, and a token may stand there.
    const [, position] = / position (\d+)/.exec((cause as Error).message) ?? []
    throw invalid(`config: ${path} is no JSON${position ? `: look at character ${position}` : ''}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`config: ${path} must hold one JSON object of options`)
  return new Map(Object.entries(value))
}

function invalid(message: string, cause?: unknown): RequestError {
  return new RequestError('CONFIG_INVALID', message, { cause })
}
