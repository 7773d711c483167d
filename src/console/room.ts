/**
 * What the terminal sees and steers, and how its answers read. The server implements `Room`.
 *
 * Pure: the terminal asks, this file only says how it looks.
 */

import { excerpt, printable } from '../log.ts'
import type { Outcome, Sent } from '../recording/asked.ts'
import { lastsText } from '../time.ts'
import type { StartRequest } from '../wire/messages.ts'

/** A camera that is connected, as the operator sees it. */
export interface CameraRow {
  id: string
  /** As a person named it, in the control room or on the phone itself. */
  name: string | null
  /** What the phone calls itself; `undefined` until it has said so. */
  model: string | undefined
  address: string
  /**
   * `starting`: a command is on its way and not yet answered. `unrecorded`: pictures come, but no recording is open.
   * `disk full`, `disk failed`: the same because of the disk; it goes on by itself when the disk can take it.
   * `away`: the connection was lost, and the recording is kept open.
   */
  state: 'ready' | 'starting' | 'unrecorded' | 'disk full' | 'disk failed' | 'recording' | 'away'
  /** It sends JPEG images and takes a resolution and a quality. */
  isBoard: boolean
  /** Name of the folder of the recording that is open. */
  recording: string | undefined
  pictures: number
  /** Over the last second; `undefined` while nothing is recorded. */
  fps: number | undefined
  mbps: number | undefined
  durationMs: number
  /** Pictures that the sequence numbers say were lost on the way. */
  missing: number
  /** Messages that were no frame packets, or no JPEG images. */
  malformed: number
}

/** Free space in the data folder. */
export interface DiskFigures {
  freeBytes: number
  /** How long it lasts at what is written now, or would be; undefined when nothing is. */
  minutes: number | undefined
  /** Too little to start. */
  isLow: boolean
}

/** What the operator steers. */
export interface Room {
  cameras(): CameraRow[]
  /** undefined while the file system does not tell. */
  disk(): DiskFigures | undefined
  /** Why nothing can be written into the data folder, for people; undefined while it can. */
  dataFault(): string | undefined
  /** @throws {RequestError} `DISK_SPACE_LOW`, when too little space is free; `DATA_FOLDER_UNUSABLE`. */
  start(request: StartRequest, camera?: string): Sent
  stop(camera?: string): Sent
  /** Sends a text to a board as it is. @throws {Error} for people, when it cannot be sent. */
  tell(board: string, text: string): Promise<void>
  /** The take that runs, from start to stop. */
  takeId(): string | undefined
}

/** `1 camera`, `3 cameras`, `2 more cameras` */
export function camerasText(count: number, more: '' | 'more ' = ''): string {
  return `${count} ${more}camera${count === 1 ? '' : 's'}`
}

/** The same with the names of cameras, as printed, in place of their ids, where they have one. */
export function namedOutcome(outcome: Outcome, rows: readonly CameraRow[]): Outcome {
  const names = new Map(rows.map(({ id, name }) => [id, name ? printable(name) : id]))
  const called = (id: string) => names.get(id) ?? id
  const all = (ids: string[]) => ids.map(called)
  const withReasons = (list: Outcome['failed']) =>
    list.map(({ camera, message }) => ({ camera: called(camera), message }))
  return {
    confirmed: all(outcome.confirmed),
    already: all(outcome.already),
    refused: withReasons(outcome.refused),
    failed: withReasons(outcome.failed),
    silent: all(outcome.silent),
    away: all(outcome.away),
  }
}

/** Up to so many cameras that obeyed are named; of more it is enough to name those that did not. */
const MAX_NAMED = 6

/** What became of a command, a line for each kind of answer; `what` opens each: a take's id, or `stop`. */
export function outcomeLines(what: string, command: 'start' | 'stop', outcome: Outcome): string[] {
  const reasons = (list: { camera: string; message: string }[]) =>
    list.map(({ camera, message }) => `${camera} (${excerpt(message)})`)
  const done = command === 'start' ? 'confirmed' : 'stopped'
  const others: [string, string[]][] = [
    [command === 'start' ? 'already streaming' : 'was not streaming', outcome.already],
    ['refused', reasons(outcome.refused)],
    ['not reached', reasons(outcome.failed)],
    ['no answer', outcome.silent],
    ['away, told when back', outcome.away],
  ]
  const lines = (kinds: typeof others) =>
    kinds
      .filter(([, cameras]) => cameras.length > 0)
      .map(([kind, cameras]) => `${what}: ${cameras.length} ${kind}: ${cameras.join(', ')}`)
  const { confirmed } = outcome
  if (confirmed.length <= MAX_NAMED) return lines([[done, confirmed], ...others])
  const total = others.reduce((sum, [, cameras]) => sum + cameras.length, confirmed.length)
  const share = confirmed.length === total ? `all ${total}` : `${confirmed.length} of ${total}`
  return [`${what}: ${share} ${done}`, ...lines(others)]
}

interface Column {
  head: string
  cell: (row: CameraRow) => string
  left?: true
}

const COLUMNS: Column[] = [
  { head: 'camera', cell: (row) => row.id, left: true },
  { head: 'name', cell: (row) => row.name ?? '-', left: true },
  { head: 'model', cell: (row) => row.model ?? '-', left: true },
  { head: 'state', cell: (row) => row.state, left: true },
  { head: 'time', cell: (row) => (row.state === 'recording' ? durationText(row.durationMs) : '-') },
  { head: 'pictures', cell: (row) => (row.state === 'recording' ? String(row.pictures) : '-') },
  { head: 'fps', cell: (row) => row.fps?.toFixed(1) ?? '-' },
  { head: 'Mbit/s', cell: (row) => row.mbps?.toFixed(1) ?? '-' },
  { head: 'missing', cell: (row) => (row.state === 'recording' ? String(row.missing) : '-') },
]
const MALFORMED: Column = { head: 'malformed', cell: (row) => String(row.malformed) }
/** Columns that are cut to make the table fit, in this order, and how far. */
const CUT = [
  ['model', 5],
  ['name', 8],
] as const

/**
 * The cameras as a table, with their names where any has one. Models are cut to make it fit, then names.
 *
 * @param columns - Width of the terminal.
 */
export function statusLines(rows: CameraRow[], columns: number): string[] {
  const isNamed = rows.some(({ name }) => name !== null)
  const shownColumns = COLUMNS.filter(({ head }) => isNamed || head !== 'name')
  if (rows.some(({ malformed }) => malformed > 0)) shownColumns.push(MALFORMED)
  const table = [
    shownColumns.map(({ head }) => head),
    ...rows.map((row) => shownColumns.map(({ cell }) => cell(row))),
  ]
  const widths = shownColumns.map((_, column) =>
    Math.max(...table.map((cells) => textColumns(cells[column]!))),
  )
  const sum = () => widths.reduce((total, width) => total + width, 0)
  const gap = sum() + 2 * (widths.length - 1) <= columns ? '  ' : ' '
  for (const [head, least] of CUT) {
    const at = shownColumns.findIndex((column) => column.head === head)
    const over = sum() + gap.length * (widths.length - 1) - columns
    if (at >= 0 && over > 0) widths[at] = Math.min(widths[at]!, Math.max(least, widths[at]! - over))
  }
  return table.map((cells) =>
    cells
      .map((cell, column) => aligned(cell, widths[column]!, shownColumns[column]?.left === true))
      .join(gap)
      .trimEnd(),
  )
}

/** A name of fewer columns says nothing. */
const LEAST_NAME = 4

/**
 * What comes from boards, on one line: of each the pictures a second, and in all since it began; of too many for the
 * width, of all together and the slowest. undefined while none sends.
 *
 * @param columns - Width of the terminal; Infinity where lines have no end.
 */
export function boardsLine(rows: readonly CameraRow[], columns: number): string | undefined {
  const boards = rows.flatMap(({ isBoard, id, name, fps, pictures }) =>
    isBoard && fps !== undefined ? [{ called: printable(name ?? id), fps, pictures }] : [],
  )
  const [first] = boards
  if (!first) return undefined
  const each = boards.map(({ called, fps, pictures }) => `${called} ${fps.toFixed(1)} (${pictures})`)
  const line = `fps (pictures): ${each.join('  ')}`
  if (textColumns(line) < columns) return line
  const slowest = boards.reduce((least, board) => (board.fps < least.fps ? board : least), first)
  const sum = (key: 'fps' | 'pictures') => boards.reduce((total, board) => total + board[key], 0)
  const all = `${sum('fps').toFixed(1)} (${sum('pictures')})`
  const short = `fps (pictures): ${boards.length} boards ${all}`
  // A name may be long: it is cut, its figure is not.
  const [before, after] =
    boards.length === 1
      ? ['fps (pictures): ', ` ${all}`]
      : [`${short}, slowest `, ` ${slowest.fps.toFixed(1)}`]
  const room = columns - 1 - textColumns(before + after)
  return room < LEAST_NAME ? cutTo(short, columns - 1) : before + shortened(slowest.called, room) + after
}

/** States of a camera that records, or will by itself. */
const RECORDS: ReadonlySet<CameraRow['state']> = new Set([
  'recording',
  'starting',
  'away',
  'disk full',
  'disk failed',
])

/** Whether a take runs, and whether anybody records in it. */
export function takeLine(takeId: string | undefined, rows: readonly CameraRow[]): string {
  if (takeId === undefined) return 'No take is running.'
  if (rows.length === 0) return `${takeId} is open, but no camera is connected: stop ends it.`
  if (rows.some(({ state }) => RECORDS.has(state))) return `${takeId} is running.`
  return `${takeId} is open, but nobody records: start begins a new take, stop ends this one.`
}

/** `disk: 1.2 GB free, good for 40 minutes` */
export function diskLine({ freeBytes, minutes, isLow }: DiskFigures): string {
  const free = `disk: ${freeBytes >= 1e9 ? `${(freeBytes / 1e9).toFixed(1)} GB` : `${Math.floor(freeBytes / 1e6)} MB`} free`
  const lasts = minutes === undefined ? '' : `, good for ${lastsText(minutes)}`
  return `${free}${lasts}${isLow ? '; too little to start' : ''}`
}

/** `0:42`, `1:02:03` */
function durationText(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

function aligned(cell: string, width: number, left: boolean): string {
  const cut = shortened(cell, width)
  const space = ' '.repeat(Math.max(0, width - textColumns(cut)))
  return left ? cut + space : space + cut
}

function shortened(text: string, columns: number): string {
  return textColumns(text) > columns ? `${cutTo(text, columns - 1)}…` : text
}

function cutTo(text: string, columns: number): string {
  let cut = ''
  for (const character of text) {
    if (textColumns(cut + character) > columns) break
    cut += character
  }
  return cut
}

/** Columns that text takes in a terminal: two for the wide characters of East Asia (UAX #11) and pictographs. */
function textColumns(text: string): number {
  let columns = 0
  for (const character of text) columns += WIDE.test(character) ? 2 : 1
  return columns
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
