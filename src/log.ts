/** The log: pino, as short lines for people or as pino's own JSON. What peers sent cannot paint a terminal. */

import pino from 'pino'
import { type Clock, systemClock } from './time.ts'

/** Where every part logs. Fields first, then what happened: `log.info({ camera, path }, 'connected')`. */
export type Log = pino.Logger

/** The least severe lines that are logged. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** A line that was logged, for those who look later. */
export interface LoggedLine {
  /** ms since 1970. */
  atMs: number
  level: 'debug' | 'info' | 'warn' | 'error'
  text: string
}

/** Lines that a log remembers. */
const MAX_TAIL_LINES = 500
/** A stack may be long. */
const MAX_TAIL_CHARS = 2000
const tails = new WeakMap<Log, LoggedLine[]>()

/** Written before the message; from this level on in colour. Other levels are silent about themselves. */
const MARKS: Record<number, { word: string; colour: string }> = {
  40: { word: 'WARN', colour: '\x1b[33m' },
  50: { word: 'ERROR', colour: '\x1b[31m' },
  60: { word: 'FATAL', colour: '\x1b[31m' },
}
const RESET = '\x1b[0m'
/** Fields of pino that a line for people does not repeat. */
const OWN_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err'])
/** Fields that say who it is about: the first that is there opens the line. */
const SUBJECTS = ['recording', 'camera', 'device'] as const
/** Fields that speak for themselves: shown without their name. */
const PLAIN_FIELDS = new Set(['path', 'model', 'take', 'reason'])
/** What a line for people shows of one text, in characters: what a phone sends must not push all else away. */
const MAX_SHOWN_CHARS = 200
/**
 * What moves the cursor, sets colours or turns text around: C0, DEL and C1 controls, line and paragraph
 * separators, bidirectional overrides and isolates (Unicode 15, chapter 23.2 and 23.3).
 */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/**
 * Makes the log.
 *
 * @param options.write - Gets each line without its newline; the terminal puts it above the prompt.
 * @param options.colour - Colours marks in text. Left out: when standard output is a terminal and `NO_COLOR` is not set.
 * @param options.clock - Gives the lines their time.
 */
export function createLog(options: {
  level: LogLevel
  format: 'text' | 'json'
  write: (line: string) => void
  colour?: boolean
  clock?: Clock
}): Log {
  const { level, format, write, clock = systemClock } = options
  const colour = options.colour ?? (process.stdout.isTTY && !process.env.NO_COLOR)
  const tail: LoggedLine[] = []
  const destination = {
    write(json: string) {
      const line = json.trimEnd()
      const entry: Entry = JSON.parse(line)
      tail.push(loggedLine(entry))
      if (tail.length > MAX_TAIL_LINES) tail.shift()
      // Escapes that JSON leaves out; they stand inside strings, where \u is allowed.
      if (format === 'json') write(line.replaceAll(CONTROLS, unicodeEscape))
      else write(textLine(entry, colour))
    },
  }
  const log = pino({ level, timestamp: () => `,"time":${Math.trunc(clock.wallMs())}` }, destination)
  tails.set(log, tail)
  return log
}

/** The last lines of a log that `createLog` made, the oldest first. */
export function logTail(log: Log): readonly LoggedLine[] {
  return tails.get(log) ?? []
}

/** Text with every control character shown as its escape, on one line. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (control) => {
    if (control === '\n') return '\\n'
    if (control === '\r') return '\\r'
    if (control === '\t') return '\\t'
    return control < '\u0100' ? `\\x${hex(control, 2)}` : unicodeEscape(control)
  })
}

/** Text as a line for people shows it: printable, and only its beginning when it is long, `abc… (1234 characters)`. */
export function excerpt(text: string): string {
  const shown = printable(text)
  if (shown.length <= MAX_SHOWN_CHARS) return shown
  return `${[...shown].slice(0, MAX_SHOWN_CHARS).join('')}… (${[...text].length} characters)`
}

interface Entry {
  level: number
  time: number
  msg?: string
  err?: { message?: string; stack?: string; code?: string }
  [field: string]: unknown
}

/** `15:30:01 WARN camera 127.0.0.1_40312 the disk is behind (pictures 3)` */
function textLine(entry: Entry, colour: boolean): string {
  const mark = MARKS[entry.level]
  const word = mark && (colour ? `${mark.colour}${mark.word}${RESET}` : mark.word)
  return [clockTime(entry.time), word, messageText(entry)].filter(Boolean).join(' ')
}

function loggedLine(entry: Entry): LoggedLine {
  const { level, time: atMs } = entry
  const name = level >= 50 ? 'error' : level >= 40 ? 'warn' : level >= 30 ? 'info' : 'debug'
  return { atMs, level: name, text: messageText(entry).slice(0, MAX_TAIL_CHARS) }
}

/** A line without its time and level. */
function messageText(entry: Entry): string {
  const subject = SUBJECTS.find((name) => entry[name] !== undefined)
  const details = Object.entries(entry)
    .filter(([name]) => name !== subject && name !== 'text' && !OWN_FIELDS.has(name))
    .filter(([name]) => name !== 'camera' || !isInId(entry))
    .map(([name, value]) => (PLAIN_FIELDS.has(name) ? shown(value) : `${name} ${shown(value)}`))
  const parts = [
    subject && `${subject} ${shown(entry[subject])}`,
    entry.msg && printable(entry.msg),
    details.length > 0 && `(${details.join(', ')})`,
  ]
  const line = parts.filter(Boolean).join(' ')
  const text = entry.text === undefined ? '' : `: ${shown(entry.text)}`
  return line + text + errorText(entry)
}

/** A recording's id begins with the name of its camera, as a rule. */
function isInId({ camera, recording }: Entry): boolean {
  return typeof recording === 'string' && recording.startsWith(`${camera}_`)
}

/** An error with a code is one we foresaw: its message will do. Any other is a bug, and shows its stack. */
function errorText({ err, msg }: Entry): string {
  if (!err) return ''
  if (err.code === undefined && err.stack !== undefined)
    return err.stack
      .split('\n')
      .map((line) => `\n    ${printable(line.trim())}`)
      .join('')
  const message = err.message ?? ''
  return msg?.includes(message) ? '' : `: ${printable(message)}`
}

function shown(value: unknown): string {
  return excerpt(typeof value === 'string' ? value : JSON.stringify(value))
}

function clockTime(wallMs: number): string {
  const time = new Date(wallMs)
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

function unicodeEscape(control: string): string {
  return `\\u${hex(control, 4)}`
}

function hex(control: string, digits: number): string {
  return control.charCodeAt(0).toString(16).padStart(digits, '0')
}
