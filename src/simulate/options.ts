/** The flags of `rollcall simulate`, and what they may be. */

import { type Command, Option } from 'commander'
import { RequestError } from '../errors.ts'
import { DEVICE_KINDS, type DeviceKind } from './device.ts'

/** What `runSimulator` takes; flags carry the same in people's units. */
export interface SimulatorOptions {
  /** Phones when it is left out. What a kind cannot do is ignored; flags for it are refused. */
  kind?: DeviceKind | undefined
  /** `ws:` or `wss:`; a query such as `?key=…` is kept. `{n}` stands for the device's number, from 1. */
  url: string
  /** How many devices. */
  cameras: number
  /** These three overrule what `start_capture` asks for. 0 fps is as many as a phone can; a board has 15 by itself. */
  fps?: number | undefined
  bitrateMbps?: number | undefined
  size?: { width: number; height: number } | undefined
  /** H.264 Annex B, sent over and over. */
  source?: string | undefined
  jitterMs: number
  /** Probability that a picture is dropped before sending, 0 to 1. */
  lossShare: number
  dropEveryMs?: number | undefined
  /** The run ends this long after all devices have connected; left out: when it is aborted, or all are gone. */
  forMs?: number | undefined
  clockOffsetMs: number
  clockDriftPpm: number
  seed: number
  autoStart: boolean
  /** How long the first connection is tried for; 10 s when it is left out. */
  connectPatienceMs?: number | undefined
  /** From a board's number to its next one; 2 s when it is left out. */
  intervalMs?: number | undefined
  /** From a cut to a board's next connection; 5 s when it is left out. */
  reconnectMs?: number | undefined
  /** The ffmpeg for the test picture; else `ffmpeg` on PATH. */
  ffmpeg?: string | undefined
}

interface NumberRule {
  min: number
  max: number
  whole?: boolean
  /** What is allowed, for people. */
  allowed: string
}

const WHOLE: Pick<NumberRule, 'whole'> = { whole: true }
const RULES = {
  cameras: { ...WHOLE, min: 1, max: 1000, allowed: 'a whole number from 1 to 1000' },
  fps: { min: 0, max: 240, allowed: 'pictures a second, 0 (as many as it can) to 240' },
  bitrate: { min: 0.01, max: 200, allowed: 'megabits a second, 0.01 to 200' },
  interval: { min: 0.01, max: 86_400, allowed: 'seconds, 0.01 to 86400' },
  jitter: { min: 0, max: 60_000, allowed: 'ms, 0 to 60000' },
  dropEvery: { min: 0.1, max: 86_400, allowed: 'seconds, 0.1 to 86400' },
  for: { min: 0.1, max: 864_000, allowed: 'seconds, 0.1 to 864000' },
  // A phone's clock starts at one hour at least, and every later time must stay a safe integer.
  clockOffset: {
    ...WHOLE,
    min: -3_600_000,
    max: 2 ** 52,
    allowed: 'whole ms, -3600000 to 4503599627370496',
  },
  clockDrift: { min: -500_000, max: 500_000, allowed: 'millionths, -500000 to 500000' },
  seed: { ...WHOLE, min: 0, max: 2 ** 32 - 1, allowed: 'a whole number from 0 to 4294967295' },
} satisfies Record<string, NumberRule>

const URL_ALLOWED = 'a WebSocket address such as ws://192.168.1.20:50001/android-cam'
const LOSS_ALLOWED = 'a share from 0 to 1, or a percentage from 0% to 100%'
const SIZE_ALLOWED = 'WIDTHxHEIGHT in even pixels from 32 to 8192, such as 1280x720'

const DEFAULT_URLS: Record<DeviceKind, string> = {
  phone: 'ws://127.0.0.1:50001/android-cam',
  esp: 'ws://127.0.0.1:50001/esp',
  number: 'ws://127.0.0.1:50001/',
}

const PICTURES: readonly DeviceKind[] = ['phone', 'esp']
const PHONE: readonly DeviceKind[] = ['phone']

/** Flag, help, and the kinds that it is for: all, when none are named. A default in the help is not set by commander. */
const FLAGS: readonly (readonly [flags: string, help: string, kinds?: readonly DeviceKind[]])[] = [
  [
    '--kind <kind>',
    'phone (the Android app), esp (ESP32 cameras) or number (boards that send numbers) (default: phone)',
  ],
  [
    '--url <url>',
    'where they connect to; {n} in it is the number of each (default: its usual path on ws://127.0.0.1:50001)',
  ],
  ['--cameras <number>', 'how many (default: 4)'],
  ['--fps <number>', 'pictures a second; phones: whatever start asks for, 0 is as many as can be', PICTURES],
  ['--bitrate <number>', 'megabits a second, whatever start asks for; of the test picture only', PHONE],
  ['--size <WxH>', 'pixels of the test picture, whatever start asks for', PHONE],
  [
    '--source <file>',
    'H.264 Annex B to send over and over, in the order of the file (else a test picture)',
    PHONE,
  ],
  ['--interval <seconds>', 'from a number to the next (default: 2)', ['number']],
  ['--jitter <ms>', 'hold packets back by up to this long, order kept (default: 0)', PICTURES],
  [
    '--loss <share>',
    'pictures dropped before sending: a share (0.05) or percentage (5%) (default: 0)',
    PICTURES,
  ],
  ['--drop-every <seconds>', 'cut the connection this often; phones are back a second later, boards five'],
  ['--for <seconds>', 'end this long after all have connected (else on ^C)'],
  ['--clock-offset <ms>', "added to every phone's clock (default: 0)", PHONE],
  ['--clock-drift <ppm>', "millionths that every phone's clock runs too fast (default: 0)", PHONE],
  ['--seed <number>', 'the same seed gives the same losses, jitter, clocks and numbers (default: 1)'],
  ['--auto-start', 'begin to capture without a command: 10 fps, 4 Mbit/s', PHONE],
  ['--json <file>', 'write the account of what was sent here, to compare with recording.json'],
]

/** Gives a command the flags of `simulate`. */
export function addSimulateOptions(command: Command): Command {
  for (const [flags, help, kinds] of FLAGS)
    command.addOption(new Option(flags, kinds ? `${help} [${kinds.join(', ')}]` : help))
  return command
}

/**
 * Reads the flags as commander parsed them.
 *
 * @param env - `FFMPEG_BIN` names another ffmpeg.
 * @throws {RequestError} `CONFIG_INVALID` naming the flag and what is allowed, or the kinds that it is for.
 */
export function simulatorOptions(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): SimulatorOptions {
  const kind = kindOf(flags.kind)
  refuseOthers(kind, flags)
  const number = (key: keyof typeof RULES) => numberOf(key, flags[key])
  const inMs = (seconds: number | undefined) => seconds && Math.round(seconds * 1000)
  const fps = number('fps')
  if (kind === 'esp' && fps === 0) throw invalid('fps', 'pictures a second, above 0 to 240', flags.fps)
  return {
    kind,
    url: urlOf(flags.url ?? DEFAULT_URLS[kind]),
    cameras: number('cameras') ?? 4,
    fps,
    bitrateMbps: number('bitrate'),
    size: sizeOf(flags.size),
    source: typeof flags.source === 'string' ? flags.source : undefined,
    intervalMs: inMs(number('interval')),
    jitterMs: number('jitter') ?? 0,
    lossShare: shareOf(flags.loss),
    dropEveryMs: inMs(number('dropEvery')),
    forMs: inMs(number('for')),
    clockOffsetMs: number('clockOffset') ?? 0,
    clockDriftPpm: number('clockDrift') ?? 0,
    seed: number('seed') ?? 1,
    autoStart: flags.autoStart === true,
    ffmpeg: env.FFMPEG_BIN || undefined,
  }
}

function kindOf(value: unknown = 'phone'): DeviceKind {
  const kind = DEVICE_KINDS.find((name) => name === value)
  if (!kind) throw invalid('kind', 'phone, esp or number', value)
  return kind
}

/** What a kind cannot do is not silently left out. */
function refuseOthers(kind: DeviceKind, given: Readonly<Record<string, unknown>>): void {
  for (const [flags, , kinds] of FLAGS) {
    const option = new Option(flags)
    if (!kinds || kinds.includes(kind) || given[option.attributeName()] === undefined) continue
    throw new RequestError(
      'CONFIG_INVALID',
      `${option.long} is for --kind ${kinds.join(' and ')}; got --kind ${kind}`,
    )
  }
}

function numberOf(key: keyof typeof RULES, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const rule: NumberRule = RULES[key]
  const number = decimal(value)
  if (!(number >= rule.min && number <= rule.max) || (rule.whole && !Number.isInteger(number)))
    throw invalid(key, rule.allowed, value)
  return number
}

function shareOf(value: unknown): number {
  if (value === undefined) return 0
  const [, digits, percent] = /^([^%]+)(%?)$/.exec(String(value).trim()) ?? []
  const share = decimal(digits) / (percent ? 100 : 1)
  if (!(share >= 0 && share <= 1)) throw invalid('loss', LOSS_ALLOWED, value)
  return share
}

function sizeOf(value: unknown): { width: number; height: number } | undefined {
  if (value === undefined) return undefined
  const [, width, height] = /^(\d{2,4})x(\d{2,4})$/i.exec(String(value).trim()) ?? []
  const sides = [Number(width), Number(height)] as const
  if (!sides.every((side) => side >= 32 && side <= 8192 && side % 2 === 0))
    throw invalid('size', SIZE_ALLOWED, value)
  return { width: sides[0], height: sides[1] }
}

function urlOf(value: unknown): string {
  const text = String(value ?? '')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^wss?:$/.test(url.protocol) || url.hash !== '') throw invalid('url', URL_ALLOWED, value)
  return text
}

function decimal(value: unknown): number {
  const text = String(value).trim()
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

function invalid(key: string, allowed: string, value: unknown): RequestError {
  const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return new RequestError('CONFIG_INVALID', `${flag} is ${allowed}; got ${JSON.stringify(value)}`)
}
