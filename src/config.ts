/**
 * Every option of the server, in one table: flags, environment variables, rollcall.json, help and
 * docs/configuration.md all come from it.
 */

import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { RequestError } from './errors.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const HOUR_MS = 3_600_000
const PIB = 1024 ** 5
/** Looked for in the working directory when no `--config` names another file. */
const CONFIG_FILE = 'rollcall.json'
const ENV_PREFIX = 'ROLLCALL_'
/** A refused value is quoted up to this many characters. */
const MAX_QUOTED_CHARS = 80

type Value = string | number | boolean

/** One option. Its flag and its environment variable follow from its key. */
interface OptionRow<T extends Value> {
  schema: z.ZodType<T>
  default: T
  /** Unit of the value; empty for words. */
  unit: string
  /** What is allowed, for people. */
  allowed: string
  /** What it does and what follows from it. */
  help: string
  /** Of the flag that turns it off. */
  offHelp?: string
  /** Has no flag, because `ps` shows flags to everybody, and is quoted nowhere. */
  isSecret?: boolean
}

/** The table. A key here is a key of `Config` and of rollcall.json. */
export const OPTIONS = {
  host: text(
    { default: '0.0.0.0', unit: '', allowed: 'an address of this machine; :: is IPv4 and IPv6' },
    'Address to listen on. 127.0.0.1 shuts out every phone; 0.0.0.0 lets in all that reach this machine.',
  ),
  port: whole(
    { default: 50001, min: 0, max: 65535, unit: '' },
    'Port that phones connect to. 0 takes any free one, another each time.',
  ),
  data: text(
    { default: './recordings', unit: 'folder', allowed: "a folder's path" },
    'Where recordings go, a folder each. Made if it is not there; must be on a disk that keeps up.',
  ),
  https: yes(
    'Serve no https.',
    'Serve the same over TLS on a second port, for pages and cameras that ask for it.',
  ),
  httpsPort: whole(
    { default: 50443, min: 0, max: 65535, unit: '' },
    'Port of https and wss. 0 takes any free one. When 50443 is taken the server goes on without https and says so; any other that is taken ends the start.',
  ),
  tlsCert: text(
    { default: '', unit: 'file', allowed: "a PEM file's path; needs tlsKey" },
    'Certificate for https, with the chain above it. Read again when it changes. Without it Rollcall makes one for the names and addresses of this machine, which browsers warn of until they are told to trust it.',
  ),
  tlsKey: text(
    { default: '', unit: 'file', allowed: "a PEM file's path; needs tlsCert" },
    'Private key of tlsCert, without password.',
  ),
  cameraAccess: oneOf(
    ['lan', 'key', 'open'],
    'lan',
    'Who may connect as a camera. lan: private addresses (loopback, 10., 172.16. to 172.31., 192.168., link-local, unique-local) without a key, all others with ?key= in the address. key: nobody without it. open: everybody who reaches the port.',
  ),
  mdns: yes(
    'Announce no name in the network.',
    'Answer to rollcall.local in the local network (multicast DNS), or to rollcall-2.local where another server has that name. Nothing is announced while host is an address of this machine alone.',
  ),
  qr: yes(
    'Show no QR code in the terminal.',
    'Show the address of the camera page as a QR code in the terminal at the start. Only a terminal that is wide enough shows it; logs and pipes never do.',
  ),
  token: {
    schema: z
      .string()
      .trim()
      .refine((word) => word === '' || /^[\x21-\x7e]{16,200}$/.test(word)),
    default: '',
    unit: '',
    allowed: '16 to 200 ASCII characters without spaces',
    help: 'Access token for people and scripts. Left out: the one that was made at the first start; `rollcall token` prints it. No flag, because ps shows flags to everybody.',
    isSecret: true,
  } as OptionRow<string>,
  trustProxy: text(
    { default: '', unit: 'addresses', allowed: 'addresses and networks (10.0.0.0/24), with commas between' },
    'Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto count; nobody else is believed. A proxy on this machine that is not named here makes every camera look as if it were local.',
  ),
  allowedHosts: text(
    { default: '', unit: 'names', allowed: 'host names without port, with commas between' },
    "Further names that browsers and cameras may call this server by; any other is refused with 421. Addresses, localhost, the machine's own name, that with .local, and rollcall.local always go.",
  ),
  ffmpeg: text(
    { default: 'ffmpeg', unit: 'program', allowed: 'a path, or a name on PATH' },
    'Makes thumbnails, the films for browsers of what boards send, and `rollcall mux`; without it recordings are whole but have neither. FFMPEG_BIN comes before the default.',
  ),
  raw: yes(
    'Do not keep stream.h264.',
    'Keep stream.h264, the bytes as the camera sent them, beside stream.mp4. Off halves the disk space; pictures before the first keyframe are then not kept.',
  ),
  fragmentMs: whole(
    { default: 500, min: 100, max: 1000, unit: 'ms' },
    'Pictures at most this long are gathered before they are written: the most that a killed process loses.',
  ),
  syncIntervalMs: whole(
    { default: 1000, min: 100, max: 60_000, unit: 'ms' },
    'Pictures are forced onto the disk at most this long after they came, if the disk keeps up: the most that a power cut loses. Shorter makes the disk work more.',
  ),
  maxGapMs: whole(
    { default: 10_000, min: 1000, max: HOUR_MS, unit: 'ms' },
    'A jump of capture times beyond this begins a new part (stream.2.mp4); a shorter one becomes a picture that stands still.',
  ),
  resumeWindowMs: whole(
    { default: 120_000, min: 1000, max: HOUR_MS, unit: 'ms' },
    'How long the recording of a camera page stays open when its connection is lost, and after a restart: within this time it goes on in the same folder, later in another. That of a board on /esp too, while its take runs, but not after a restart.',
  ),
  maxPacketBytes: whole(
    { default: 16 * MIB, min: 64 * KIB, max: 256 * MIB, unit: 'bytes' },
    'A larger message closes the connection of the camera that sent it.',
  ),
  maxHalfSentBytes: whole(
    { default: 256 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'Messages that were begun and not ended may take this much of all connections together, or four times maxPacketBytes if that is more; beyond it the longest end their connections.',
  ),
  maxTextBytes: whole(
    { default: 64 * KIB, min: KIB, max: MIB, unit: 'bytes' },
    'Longer text of a camera is cut to this before it is logged. Lines for people show its first 200 characters.',
  ),
  maxTextsPerSecond: whole(
    { default: 100, min: 1, max: 1_000_000, unit: '' },
    'More text of a camera in a second is not logged but counted; more messages, such as status, close its connection with 1008.',
  ),
  maxPingsPerSecond: whole(
    { default: 1000, min: 10, max: 1_000_000, unit: '' },
    'More WebSocket pings and pongs of one connection in a second close it with 1008.',
  ),
  maxFragments: whole(
    { default: 4096, min: 1, max: 1_000_000, unit: '' },
    'A message in more WebSocket fragments closes the connection that sent it, with 1008.',
  ),
  heartbeatMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'How often a connection is pinged. One that gives no sign of life for two of these is ended, and its recording closed at the last picture.',
  ),
  helloMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A WebSocket that has said nothing for this long after it was opened is closed with 4408; on /esp it may wait to be spoken to.',
  ),
  headersTimeoutMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A connection that has not sent the whole head of a request after this is answered 408 and closed, one that sends nothing too.',
  ),
  requestTimeoutMs: whole(
    { default: 30_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A request that has not come whole after this is answered 408 and closed.',
  ),
  maxConnections: whole(
    { default: 1024, min: 1, max: 1_000_000, unit: '' },
    'Connections at once, in all. One more is answered 503, or cut where many come together. Each takes a file descriptor.',
  ),
  maxConnectionsPerAddress: whole(
    { default: 256, min: 1, max: 1_000_000, unit: '' },
    'Connections at once from one address. One more is answered 429, or cut. Behind a proxy all come from its address: raise it.',
  ),
  maxRecordings: whole(
    { default: 256, min: 1, max: 100_000, unit: '' },
    'Recordings at once. The pictures of one more camera are not recorded but counted; the log says so, and status says unrecorded.',
  ),
  maxParts: whole(
    { default: 1000, min: 1, max: 10_000, unit: '' },
    'Parts of a recording, one for each change of size or jump of the clock. One more closes the recording and its connection, with 1008.',
  ),
  earlyHoldMs: whole(
    { default: 5000, min: 0, max: 60_000, unit: 'ms' },
    'Pictures that come before capture_started are held at most this long; after it they are dropped and counted.',
  ),
  earlyHoldBytes: whole(
    { default: 8 * MIB, min: 0, max: 256 * MIB, unit: 'bytes' },
    'Pictures that come before capture_started are held up to this many bytes; what is more is dropped and counted.',
  ),
  earlyHoldTotalBytes: whole(
    { default: 256 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'The same for all cameras together: the camera whose packet is one too many gives up what it holds.',
  ),
  maxQueuedBytes: whole(
    { default: 8 * MIB, min: MIB, max: 1024 * MIB, unit: 'bytes' },
    'Bytes that one recording may have waiting for the disk before its socket is paused; the phone then queues, and in the end hangs up.',
  ),
  maxQueuedTotalBytes: whole(
    { default: 256 * MIB, min: 8 * MIB, max: 64 * GIB, unit: 'bytes' },
    'Bytes that all recordings together may have waiting for the disk before every socket that sends more is paused.',
  ),
  maxViewers: whole(
    { default: 256, min: 0, max: 100_000, unit: '' },
    'Live views at once, in all: a page opens one for each camera that it shows. One more is answered 503.',
  ),
  maxViewersPerCamera: whole(
    { default: 64, min: 0, max: 100_000, unit: '' },
    'Live views of one camera at once. One more is answered 503.',
  ),
  liveGopBytes: whole(
    { default: 8 * MIB, min: 0, max: 256 * MIB, unit: 'bytes' },
    'Of each camera the pictures since its last keyframe are kept up to this many bytes, so that a new viewer has a picture at once. When they are more the keyframe alone is kept, and a new viewer sees it stand still until the next one.',
  ),
  liveGopTotalBytes: whole(
    { default: 256 * MIB, min: 0, max: 64 * GIB, unit: 'bytes' },
    'The same for all cameras together. When it is used up, of further pictures the keyframe alone is kept, or none.',
  ),
  liveQueuedBytes: whole(
    { default: MIB, min: 64 * KIB, max: 256 * MIB, unit: 'bytes' },
    'Bytes that may wait for one viewer. One that has more is sent nothing until the next keyframe. Less makes a slow viewer see newer and fewer pictures.',
  ),
  minFreeBytes: whole(
    { default: GIB, min: 0, max: 1024 * GIB, unit: 'bytes' },
    'With less space free, start is refused with DISK_SPACE_LOW; cameras that stream while the disk is full are recorded again once this much is free.',
  ),
  reserveBytes: whole(
    { default: 64 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'Space kept back, besides what the indexes of the open recordings need: with less free, every open recording is closed in order, with DISK_FULL in its errors.',
  ),
  joinRunningTake: yes(
    'Leave alone a camera that connects while a take runs.',
    'A camera that connects while a take runs is started too.',
  ),
  confirmMs: whole(
    { default: 5000, min: 100, max: 60_000, unit: 'ms' },
    'How long start and stop wait for cameras to confirm before they are named as silent.',
  ),
  stopWaitMs: whole(
    { default: 5000, min: 0, max: 60_000, unit: 'ms' },
    'How long quitting waits for the last pictures; what comes later is not recorded.',
  ),
  espKeep: whole(
    { default: 200, min: 0, max: 1_000_000, unit: '' },
    'Newest pictures of each board on /esp that are kept as files, in images/ of the data folder, besides what is recorded. 0 keeps none.',
  ),
  deviceMessagesPerSecond: whole(
    { default: 10, min: 1, max: 10_000, unit: '' },
    'Of a device that sends numbers or JSON on /, more messages in a second are counted and not kept, in memory, on the disk or in the log.',
  ),
  keepDays: whole(
    { default: 0, min: 0, max: 36_500, unit: 'days' },
    'Closed recordings that ended longer ago are removed, the oldest first. 0 keeps them for ever.',
  ),
  keepBytes: whole(
    { default: 0, min: 0, max: PIB, unit: 'bytes' },
    'When all recordings together take more, the oldest closed ones are removed until they take no more. 0 sets no bound.',
  ),
  minFree: whole(
    { default: 0, min: 0, max: PIB, unit: 'bytes' },
    'When less is free on the disk, the oldest closed recordings are removed until so much is free. 0 removes none; any other must be at least minFreeBytes and twice reserveBytes together, or start would be refused while there are recordings to remove. It is looked once a minute, so add what some minutes of recording take.',
  ),
  thumbnails: yes(
    'Make no thumbnails.',
    'Make thumbnail.jpg of the first picture, by ffmpeg in a process of its own.',
  ),
  ffmpegTimeoutMs: whole(
    { default: 20_000, min: 1000, max: 600_000, unit: 'ms' },
    'An ffmpeg that makes a thumbnail for longer is killed; that recording has none.',
  ),
  logLevel: oneOf(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    'info',
    'The least that is logged. From warn on, who connects and what is recorded is not shown.',
  ),
  logFormat: oneOf(
    ['text', 'json'],
    'text',
    'text is for people and shortens what cameras say; json is one object a line, for programs, the addresses at the start and the answers to commands included.',
  ),
}

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

function text(row: { default: string; unit: string; allowed: string }, help: string): OptionRow<string> {
  // What is empty by default may be emptied again.
  const schema = row.default === '' ? z.string().trim() : z.string().trim().min(1)
  return { schema, ...row, help }
}

function whole(
  range: { default: number; min: number; max: number; unit: string },
  help: string,
): OptionRow<number> {
  const { default: value, min, max, unit } = range
  const schema = z.number().int().min(min).max(max)
  return { schema, default: value, unit, allowed: `a whole number from ${min} to ${max}`, help }
}

function yes(offHelp: string, help: string): OptionRow<boolean> {
  return { schema: z.boolean(), default: true, unit: '', allowed: 'true or false', help, offHelp }
}

function oneOf<const T extends string>(words: readonly T[], value: NoInfer<T>, help: string): OptionRow<T> {
  return { schema: z.enum(words), default: value, unit: '', allowed: `one of ${words.join(', ')}`, help }
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
  for (const name of names)
    if (!known.has(name))
      throw invalid(`${JSON.stringify(name)} ${where} is no option; allowed are ${[...known].join(', ')}`)
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
