/** What the operator may type, read without doing anything. Pure. */

import { ASPECT_RATIO_ALLOWED, parseAspectRatio } from '../wire/aspect-ratio.ts'
import {
  boardStartText,
  parseQuality,
  parseResolution,
  QUALITY_ALLOWED,
  RESOLUTIONS_ALLOWED,
} from '../wire/board.ts'
import type { StartRequest } from '../wire/messages.ts'

/** The words that begin a command, for help and completion. */
export const COMMANDS = ['start', 'stop', 'status', 'camera', 'qr', 'link', 'help', 'quit', 'exit'] as const

const HELP = [
  ['start [W:H] [BITRATE] [FPS]', 'start every camera: one take'],
  ['      W:H', 'aspect ratio, such as 4:3, 16:9 or 1:1; left out: as chosen on the phone'],
  ['      BITRATE', 'whole Mbit/s, 1 to 200; left out: 4'],
  ['      FPS', 'pictures a second, 0 to 240, 0 is as many as it can; left out: 10'],
  [
    'start RESOLUTION [QUALITY]',
    'the same; of boards the picture, such as UXGA 12, quality 1 to 63, smaller is better',
  ],
  ['start @CAMERA …', 'start this one alone: its id, as status shows it'],
  ['stop [@CAMERA]', 'stop every camera, or this one, and close the recordings'],
  ['status [@BOARD]', 'what each camera does; or a board in its own words, which come in the log'],
  ['camera', 'all addresses that make a phone a camera, and the best one as a QR code'],
  ['qr', 'that code alone, again'],
  ['link', 'where browsers sign in, as at the start'],
  ['help', 'this'],
  ['quit', 'stop every camera, close the recordings and end'],
] as const
const HELP_INDENT = 29
/** What is said of a command is no narrower than this, however narrow the window is. */
const MIN_HELP_COLUMNS = 20

/** What `help` prints, wrapped between words. @param columns - Width of the terminal. */
export function helpLines(columns: number): string[] {
  // A row that is full to its end breaks in some terminals.
  const width = Math.max(MIN_HELP_COLUMNS, columns - HELP_INDENT - 1)
  return HELP.flatMap(([usage, text]) =>
    wrapped(text, width).map((row, i) => (i === 0 ? usage : '').padEnd(HELP_INDENT) + row),
  )
}

function wrapped(text: string, columns: number): string[] {
  const rows: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${rows.at(-1)} ${word}`
    if (rows.length > 0 && longer.length <= columns) rows[rows.length - 1] = longer
    else rows.push(word)
  }
  return rows
}

/** Ratio in place of one that cannot be read. */
const DEFAULT_RATIO = { width: 4, height: 3 }
const BITRATE = { name: 'bitrate', unit: 'Mbit/s', min: 1, max: 200, fallback: 4 }
const RATE = { name: 'frame rate', unit: 'fps', min: 0, max: 240, fallback: 10 }

/** A line that the operator typed. */
export type OperatorCommand =
  | { kind: 'start'; request: StartRequest; problems: string[]; camera?: string | undefined }
  | { kind: 'stop' | 'status'; camera?: string | undefined }
  | { kind: 'camera' | 'qr' | 'link' | 'help' | 'quit' | 'none' }
  | { kind: 'unknown'; message: string }

/**
 * Reads one line; never throws.
 *
 * @param boards - Ids of the boards that are connected: words behind the name of one are a resolution and a quality.
 * @returns For `start`, what to ask of the cameras, and a problem for each word that was replaced by its
 *   default. A first word that is no number is the ratio: `start 4 10` means bitrate and rate. For a
 *   command that is not known, words after one that takes none, what no board can be asked, or a first word that
 *   looks like a resolution and is none while there are boards: `unknown`, and nothing is to be sent.
 */
export function parseCommand(line: string, boards: ReadonlySet<string> = new Set()): OperatorCommand {
  const [first, ...words] = line.trim().split(/\s+/)
  const command = first?.toLowerCase()
  switch (command) {
    case undefined:
    case '':
      return { kind: 'none' }
    case 'start':
      return parseStart(words, boards)
    case 'stop':
    case 'status':
      if (words.length === 1 && isName(words[0])) return { kind: command, camera: words[0].slice(1) }
      return withoutWords(command, words) ?? { kind: command }
    case 'camera':
    case 'qr':
    case 'link':
    case 'help':
    case 'quit':
    case 'exit':
      return withoutWords(command, words) ?? { kind: command === 'exit' ? 'quit' : command }
    default:
      return {
        kind: 'unknown',
        message: `"${first}" is no command; there are: start [W:H] [BITRATE] [FPS], stop, status, camera, qr, link, help, quit`,
      }
  }
}

/** What tab offers: the line as typed so far, completed. In the form that node:readline asks for. */
export function completeCommand(line: string): [string[], string] {
  const words = line.split(/\s+/)
  const last = words.at(-1) ?? ''
  const offered = words.length === 1 ? COMMANDS : words.length === 2 && words[0] === 'start' ? RATIOS : []
  return [offered.filter((word) => word.startsWith(last)).map((word) => `${word} `), last]
}

const RATIOS = ['4:3', '16:9', '1:1']

function withoutWords(command: string, words: string[]): OperatorCommand | undefined {
  if (words.length === 0) return undefined
  const takes = command === 'stop' || command === 'status' ? 'one @CAMERA or no words' : 'no words'
  return { kind: 'unknown', message: `${command} takes ${takes} after it; got "${words.join(' ')}"` }
}

function isName(word: string | undefined): word is string {
  return word !== undefined && word.length > 1 && word.startsWith('@')
}

function parseStart(all: string[], boards: ReadonlySet<string>): OperatorCommand {
  const camera = isName(all[0]) ? all[0].slice(1) : undefined
  const words = camera === undefined ? all : all.slice(1)
  const [word = ''] = words
  const isForBoards = boards.has(camera ?? '') || parseResolution(word) !== undefined
  if (!isForBoards && camera === undefined && boards.size > 0 && looksLikeResolution(word))
    return refused(`"${word}" is no resolution (${RESOLUTIONS_ALLOWED}), and no aspect ratio W:H`)
  const parsed = isForBoards ? parseBoardStart(words) : parsePhoneStart(words)
  return parsed.kind === 'start' ? { ...parsed, camera } : parsed
}

function refused(message: string): OperatorCommand {
  return { kind: 'unknown', message: `${message}; nothing is started` }
}

/** `UXGA`, `12`, `UXGA 12`; there is no default in place of a word that is wrong: the board has its own. */
function parseBoardStart(words: string[]): OperatorCommand {
  const resolution = parseResolution(words[0] ?? '')
  const [word, ...surplus] = resolution ? words.slice(1) : words
  const quality = parseQuality(word ?? '')
  if (word !== undefined && quality === undefined)
    return refused(
      !resolution && /^[^\d-]/.test(word)
        ? `resolution "${word}" is not ${RESOLUTIONS_ALLOWED}`
        : `quality "${word}" is not ${QUALITY_ALLOWED}`,
    )
  if (surplus.length > 0) return refused(`"${surplus.join(' ')}" is too much: start RESOLUTION [QUALITY]`)
  const request = { bitrateMbps: BITRATE.fallback, fps: RATE.fallback, resolution, quality }
  return { kind: 'start', request, problems: [] }
}

function parsePhoneStart(words: string[]): OperatorCommand {
  const problems: string[] = []
  const ratioWord = words[0] !== undefined && !looksLikeNumber(words[0]) ? words[0] : undefined
  const [bitrateWord, rateWord, ...surplus] = ratioWord === undefined ? words : words.slice(1)
  const request: StartRequest = {
    ...(ratioWord !== undefined && { aspectRatio: readRatio(ratioWord, problems) }),
    bitrateMbps: readWhole(bitrateWord, BITRATE, problems),
    fps: readWhole(rateWord, RATE, problems),
  }
  if (surplus.length > 0)
    problems.push(`"${surplus.join(' ')}" is too much and left out: start [W:H] [BITRATE] [FPS]`)
  return { kind: 'start', request, problems }
}

/** Numbers, and what people write for them: `-5`, `4.5`, `4MB`. `16x9` is a ratio gone wrong. */
function looksLikeNumber(word: string): boolean {
  return /^[+-]?\d+([.,]\d+)?\p{L}*$/u.test(word)
}

/** A word of letters and digits: a resolution gone wrong. `16x9` is a ratio gone wrong. */
function looksLikeResolution(word: string): boolean {
  return (
    /^[\p{L}\d_-]+$/u.test(word) &&
    /\p{L}/u.test(word) &&
    !looksLikeNumber(word) &&
    !/^\d{1,2}x\d{1,2}$/i.test(word)
  )
}

function readRatio(word: string, problems: string[]): { width: number; height: number } {
  // A Chinese keyboard types the full-width colon.
  const ratio = parseAspectRatio(word.replace('：', ':'))
  if (ratio) return ratio
  problems.push(`aspect ratio "${word}" is not ${ASPECT_RATIO_ALLOWED}; taking ${ratioText(DEFAULT_RATIO)}`)
  return DEFAULT_RATIO
}

function readWhole(word: string | undefined, rule: typeof BITRATE, problems: string[]): number {
  const { name, unit, min, max, fallback } = rule
  if (word === undefined) return fallback
  const value = /^-?\d+$/.test(word) ? Number(word) : Number.NaN
  // Adding 0 makes a typed -0 a plain 0.
  if (value >= min && value <= max) return value + 0
  problems.push(`${name} "${word}" is no whole number from ${min} to ${max} ${unit}; taking ${fallback}`)
  return fallback
}

/** `4:3` */
function ratioText({ width, height }: { width: number; height: number }): string {
  return `${width}:${height}`
}

/** What a start asks for, for people: `16:9, 4 Mbit/s, 10 fps`. */
export function startText(request: StartRequest): string {
  const { aspectRatio, bitrateMbps, fps, resolution, quality } = request
  const ratio = aspectRatio ? ratioText(aspectRatio) : "the phone's aspect ratio"
  const boards = resolution || quality ? `; boards: ${boardStartText(request)}` : ''
  return `${ratio}, ${bitrateMbps} Mbit/s, ${fps === 0 ? 'as many fps as it can' : `${fps} fps`}${boards}`
}
