/** What simulated boards sent, to be compared with recording.json and readings.csv. Pure. */

import type { Resolution } from '../wire/board.ts'
import type { CaptureEnd } from './account.ts'
import { sumLine, sumOf, type Totals, tableLines } from './table.ts'

/** One capture of an ESP32 camera: from a `start` to the next one, to `stop`, or to the end of the connection. */
export interface BoardCaptureAccount {
  /** `<ip>_<port>` of this end of the connection. */
  connection: string
  /** Null until the pictures are made. */
  source: 'ffmpeg' | 'built-in' | null
  resolution: Resolution
  quality: number
  fps: number
  /** Pixels of what was sent. The built-in pictures have a size of their own. */
  width: number
  height: number
  /** Whole JPEGs that were handed to the socket, and their bytes. */
  pictures: number
  bytes: number
  /** Pictures that `--loss` took. Boards do not number pictures: a server cannot know of them. */
  dropped: number
  /** Pictures that were left out since the network was slower than the camera. */
  skipped: number
  /** The most that a picture was sent after its time, in ms, jitter left out. */
  maxLateMs: number
  ended: CaptureEnd
}

export interface BoardAccount {
  name: string
  /** What `?id=` of its address says; null when it says nothing. */
  id: string | null
  connections: number
  captures: BoardCaptureAccount[]
}

/** What a board that sends numbers sent. */
export interface NumberAccount {
  name: string
  connections: number
  numbers: number
  sum: number
  last: number | null
}

/** Sums over ESP32 cameras. */
export function boardTotals(boards: readonly BoardAccount[]): Totals {
  const captures = boards.flatMap((board) => board.captures)
  return sumOf(captures.map((capture) => ({ ...capture, dropped: capture.dropped + capture.skipped })))
}

const BOARD_COLUMNS = [
  'board',
  'connection',
  'resolution',
  'quality',
  'pictures',
  'bytes',
  'dropped',
  'skipped',
  'ended',
]

/** A row a capture, and the sum. */
export function boardLines(boards: readonly BoardAccount[]): string[] {
  const rows = boards.flatMap(({ name, id, captures }) =>
    captures.map((capture) => [
      id ?? name,
      capture.connection,
      capture.resolution,
      capture.quality,
      capture.pictures,
      capture.bytes,
      capture.dropped,
      capture.skipped,
      capture.ended,
    ]),
  )
  if (rows.length === 0) return ['nothing was captured']
  return [...tableLines(BOARD_COLUMNS, rows), sumLine(boardTotals(boards))]
}

/** A row a board. */
export function numberLines(boards: readonly NumberAccount[]): string[] {
  const rows = boards.map(({ name, connections, numbers, sum, last }) => [
    name,
    connections,
    numbers,
    sum,
    last,
  ])
  return tableLines(['board', 'connections', 'numbers', 'sum', 'last'], rows)
}
