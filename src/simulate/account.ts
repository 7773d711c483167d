/** What the simulated phones sent, to be compared with recording.json. Pure. */

import type { SourceKind } from './source.ts'

/** How a capture ended; after anything but `stopped` the server may have got less than was sent. */
export type CaptureEnd =
  | 'running'
  | 'stopped'
  | 'source-ended'
  | 'cut'
  | 'connection-lost'
  | 'send-queue-full'

/** One capture, from start to stop. Counts are of what was handed to the socket. */
export interface CaptureAccount {
  /** Id of the connection on the server, `<ip>_<port>`, as in recording.json's `camera`. */
  camera: string
  source: SourceKind | null
  /** Pictures a second and megabits a second that were captured with. */
  fps: number
  bitrateMbps: number
  /** Frame packets with a picture; the configuration packet is none. */
  pictures: number
  /** Of these, those that decoding can start at. */
  keyframes: number
  /** Of these, those before the first keyframe: no MP4 holds them. */
  picturesBeforeKeyframe: number
  /** Payload bytes, the configuration included, headers not. */
  bytes: number
  /** Sequence numbers of the pictures that were dropped before sending. */
  droppedSequences: number[]
  /** How many of these lie between the first and the last sent: what a server can see as missing. */
  missing: number
  /** Capture times of the first and the last picture sent, ms on the phone's own clock. */
  firstCaptureMs: number | null
  lastCaptureMs: number | null
  /** The most that a picture was sent after its time, in ms, jitter left out: above some 100 this machine is too slow. */
  maxLateMs: number
  ended: CaptureEnd
}

export interface PhoneAccount {
  name: string
  connections: number
  /** Why its connection ended for good, null when the phone ended it itself. */
  lost: string | null
  captures: CaptureAccount[]
}

/** Everything that one run sent. */
export interface SimulatorAccount {
  version: 1
  url: string
  seed: number
  /** ISO 8601 with zone. */
  startedAt: string
  endedAt: string
  phones: PhoneAccount[]
}

/** Sums over all phones. */
export interface Totals {
  pictures: number
  bytes: number
  dropped: number
}

/** The account of a capture that begins. */
export function newCaptureAccount(
  begin: Pick<CaptureAccount, 'camera' | 'fps' | 'bitrateMbps'>,
): CaptureAccount {
  return {
    ...begin,
    source: null,
    pictures: 0,
    keyframes: 0,
    picturesBeforeKeyframe: 0,
    bytes: 0,
    droppedSequences: [],
    missing: 0,
    firstCaptureMs: null,
    lastCaptureMs: null,
    maxLateMs: 0,
    ended: 'running',
  }
}

/** Adds up what was sent so far. */
export function totalsOf(phones: readonly PhoneAccount[]): Totals {
  const totals = { pictures: 0, bytes: 0, dropped: 0 }
  for (const { captures } of phones)
    for (const capture of captures) {
      totals.pictures += capture.pictures
      totals.bytes += capture.bytes
      totals.dropped += capture.droppedSequences.length
    }
  return totals
}

const COLUMNS = [
  'phone',
  'camera',
  'pictures',
  'keyframes',
  'bytes',
  'dropped',
  'missing',
  'first ms',
  'last ms',
  'ended',
] as const

/** The account as lines of a table: a row a capture, a line for each phone that was lost, and the sum. */
export function accountLines(account: SimulatorAccount): string[] {
  const rows: string[][] = [[...COLUMNS]]
  for (const { name, captures } of account.phones)
    for (const capture of captures)
      rows.push(
        [
          name,
          capture.camera,
          capture.pictures,
          capture.keyframes,
          capture.bytes,
          capture.droppedSequences.length,
          capture.missing,
          capture.firstCaptureMs ?? '-',
          capture.lastCaptureMs ?? '-',
          capture.ended,
        ].map(String),
      )
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map((row) =>
    row
      .map((cell, i) => aligned(cell, i, widths[i]!))
      .join('  ')
      .trimEnd(),
  )
  const lost = account.phones.flatMap(({ name, lost }) => (lost === null ? [] : [`${name}: ${lost}`]))
  const { pictures, bytes, dropped } = totalsOf(account.phones)
  const sum = `${pictures} pictures, ${bytes} bytes sent; ${dropped} pictures dropped before sending`
  return rows.length === 1 ? ['nothing was captured', ...lost] : [...table, ...lost, sum]
}

/** Words to the left, numbers to the right. */
function aligned(cell: string, column: number, width: number): string {
  return column < 2 || column === COLUMNS.length - 1 ? cell.padEnd(width) : cell.padStart(width)
}
