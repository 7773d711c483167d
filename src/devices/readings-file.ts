/** The readings of one device on the disk: `devices/<id>/YYYYMMDD.csv`, a file a day. */

import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { folderStamp, isoWithZone } from '../time.ts'
import type { Reading } from './readings.ts'
import type { Series } from './series.ts'

/** In the data folder. */
export const DEVICES = 'devices'
export const READINGS_HEADER = 'time,field,value'
/** Rows are written so often, in ms: the most that a crash loses. */
const WRITE_MS = 1000
/** Characters that may wait for the disk; rows beyond them are left out. */
const MAX_WAITING_CHARS = 1024 * 1024
/** Characters of CSV that are made in one go: an hour of a busy device is a million rows. */
const PIECE_CHARS = 65_536

export interface ReadingsFileOptions {
  dataDir: string
  device: string
  /** What is still free is for closing recordings. */
  isDiskFull: () => boolean
  onFailure: (message: string) => void
}

export class ReadingsFile {
  readonly #options: ReadingsFileOptions
  readonly #folder: string
  /** Rows that wait, by day. */
  readonly #waiting = new Map<string, string>()
  #waitingChars = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: ReadingsFileOptions) {
    this.#options = options
    this.#folder = join(options.dataDir, DEVICES, options.device)
  }

  add(atMs: number, reading: Reading): void {
    const rows = rowsOf(atMs, reading)
    if (rows === '') return
    const { isDiskFull, onFailure } = this.#options
    const isFull = isDiskFull()
    if (isFull || this.#waitingChars > MAX_WAITING_CHARS) {
      onFailure(`the disk is ${isFull ? 'full' : 'slow'}: readings were left out`)
      return
    }
    const day = dayOf(atMs)
    this.#waiting.set(day, (this.#waiting.get(day) ?? '') + rows)
    this.#waitingChars += rows.length
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_MS)
  }

  /** Resolves once all is on its way to the disk. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: Error) => this.#options.onFailure(`readings were not written: ${error.message}`))
    return this.#writing
  }

  async #write(): Promise<void> {
    const days = [...this.#waiting]
    this.#waiting.clear()
    this.#waitingChars = 0
    if (days.length > 0) await mkdir(this.#folder, { recursive: true })
    for (const [day, rows] of days) await appendRows(join(this.#folder, `${day}.csv`), rows)
  }
}

/** A row that a full disk or a crash cut off stays by itself. */
async function appendRows(path: string, rows: string): Promise<void> {
  const file = await open(path, 'a+')
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    const isCut = size > 0 && last.toString() !== '\n'
    await file.appendFile(`${size === 0 ? `${READINGS_HEADER}\n` : ''}${isCut ? '\n' : ''}${rows}`)
  } finally {
    await file.close()
  }
}

/** Numbers by field as CSV, those of one time together; in pieces. */
export async function* csvOf(fields: Record<string, Series>): AsyncGenerator<string> {
  const heads = Object.entries(fields).map(([field, series]) => ({ field, series, at: 0 }))
  let piece = `${READINGS_HEADER}\n`
  for (;;) {
    const left = heads.filter(({ series, at }) => at < series.atMs.length)
    if (left.length === 0) break
    const atMs = Math.min(...left.map(({ series, at }) => series.atMs[at]!))
    const now = left.filter(({ series, at }) => series.atMs[at] === atMs)
    piece += rowsOf(atMs, Object.fromEntries(now.map((head) => [head.field, head.series.values[head.at++]!])))
    if (piece.length < PIECE_CHARS) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  yield piece
}

/** A line for each field, each ending in a newline. */
export function rowsOf(atMs: number, reading: Reading): string {
  const time = isoWithZone(atMs)
  return Object.entries(reading)
    .map(([field, value]) => `${time},${csvText(field)},${value}\n`)
    .join('')
}

/** `YYYYMMDD`, local time. */
export function dayOf(atMs: number): string {
  return folderStamp(atMs).slice(0, 8)
}

/** A field as RFC 4180 has it; what a spreadsheet would take for a formula stays text. */
function csvText(text: string): string {
  const plain = text.replaceAll(/[\r\n]+/g, ' ')
  const safe = /^[=+\-@\t]/.test(plain) ? `'${plain}` : plain
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
