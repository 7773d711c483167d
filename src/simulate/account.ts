/** What the simulated devices sent, phones above all, to be compared with recording.json. Pure. */

import { type BoardAccount, boardLines, type NumberAccount, numberLines } from './board-account.ts'
import type { DeviceKind } from './device.ts'
import type { SourceKind } from './source.ts'
import { sumLine, sumOf, type Totals, tableLines } from './table.ts'

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

/** Everything that one run sent. Of the lists only that of its kind has anything. */
export interface SimulatorAccount {
  version: 1
  kind: DeviceKind
  url: string
  seed: number
  /** ISO 8601 with zone. */
  startedAt: string
  endedAt: string
  phones: PhoneAccount[]
  /** ESP32 cameras. */
  boards: BoardAccount[]
  /** Boards that send numbers. */
  numbers: NumberAccount[]
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
  const captures = phones.flatMap((phone) => phone.captures)
  return sumOf(captures.map((capture) => ({ ...capture, dropped: capture.droppedSequences.length })))
}

const PHONE_COLUMNS = [
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
]

/** The account as lines of a table, and what phones were lost by. */
export function accountLines(account: SimulatorAccount): string[] {
  if (account.kind === 'esp') return boardLines(account.boards)
  return account.kind === 'number' ? numberLines(account.numbers) : phoneLines(account.phones)
}

/** A row a capture, a line for each phone that was lost, and the sum. */
function phoneLines(phones: readonly PhoneAccount[]): string[] {
  const rows = phones.flatMap(({ name, captures }) =>
    captures.map((capture) => [
      name,
      capture.camera,
      capture.pictures,
      capture.keyframes,
      capture.bytes,
      capture.droppedSequences.length,
      capture.missing,
      capture.firstCaptureMs,
      capture.lastCaptureMs,
      capture.ended,
    ]),
  )
  const lost = phones.flatMap(({ name, lost }) => (lost === null ? [] : [`${name}: ${lost}`]))
  if (rows.length === 0) return ['nothing was captured', ...lost]
  return [...tableLines(PHONE_COLUMNS, rows), ...lost, sumLine(totalsOf(phones))]
}
