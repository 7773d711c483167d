import { expect, it } from 'vitest'
import { headlineOf, sayingsOf, type Told } from './sayings.ts'
import type { SourceState } from './source.ts'
import type { CameraState } from './worker-messages.ts'

const NOW_MS = 1_000_000
const QUIET: CameraState = {
  link: 'open',
  serverName: null,
  capture: null,
  waitingMs: 400,
  waitingBytes: 0,
  isMemoryOnly: false,
  dropped: 0,
  encoded: null,
  aheadMs: null,
  notice: null,
  isSeen: false,
  leftCaptures: 0,
}
const CAPTURE = { id: 'c1', startedAtMs: NOW_MS - 5000, beginsAtMs: null, byOperator: true }
const keys = (camera: Partial<CameraState>, told: Partial<Told> = {}) =>
  sayingsOf({
    battery: null,
    isStrained: false,
    isAwake: true,
    isOpen: true,
    awayMs: camera.link === 'connecting' ? 500 : 0,
    ...told,
    camera: { ...QUIET, ...camera },
  }).map(({ key }) => key)

it('says first that another page has the camera, then that it records, then what hinders it', () => {
  const kind = (source: SourceState, camera: Partial<CameraState>) =>
    headlineOf(source, { ...QUIET, ...camera }, NOW_MS).kind
  expect(kind('open', {})).toBe('ready')
  expect(kind('open', { link: 'connecting' })).toBe('connecting')
  expect(kind('open', { link: 'connecting', capture: CAPTURE })).toBe('recording')
  expect(kind('open', { link: 'replaced', capture: CAPTURE })).toBe('replaced')
  expect(kind('open', { link: 'refused' })).toBe('refused')
  expect(kind('open', { link: 'refused', capture: CAPTURE })).toBe('recording')
  expect(kind('taken', { link: 'refused', capture: CAPTURE })).toBe('not-filming')
  expect(kind('asking', { link: 'connecting' })).toBe('asking')
  expect(kind('denied', {})).toBe('no-picture')
  expect(kind('asking', { capture: CAPTURE })).toBe('recording')
})

it('does not say that it records while nothing is filmed', () => {
  const told = (source: SourceState, camera: Partial<CameraState>) =>
    headlineOf(source, { ...QUIET, capture: CAPTURE, ...camera }, NOW_MS).kind
  for (const source of ['denied', 'taken', 'none', 'failed'] as const) {
    expect(told(source, {})).toBe('not-filming')
    expect(told(source, { capture: { ...CAPTURE, beginsAtMs: NOW_MS + 2000 } })).toBe('not-filming')
  }
  expect(told('open', { notice: 'encoder-failed' })).toBe('not-filming')
  expect(told('open', { notice: 'no-frames' })).toBe('not-filming')
})

it('counts down to a start that has a time, then up from it', () => {
  const at = (nowMs: number) =>
    headlineOf('open', { ...QUIET, capture: { ...CAPTURE, beginsAtMs: NOW_MS } }, nowMs)
  expect(at(NOW_MS - 1500)).toEqual({ kind: 'begins', inMs: 1500 })
  expect(at(NOW_MS + 2000)).toEqual({ kind: 'recording', forMs: 2000 })
})

it('is silent while all is well', () => {
  expect(keys({})).toEqual([])
  expect(keys({ capture: CAPTURE, waitingMs: 1500 })).toEqual([])
  expect(keys({ link: 'connecting' })).toEqual([])
  // But who holds it is to know.
  expect(keys({ isSeen: true })).toEqual(['seen'])
})

it('tells what waits, and whether it is kept or being sent', () => {
  expect(keys({ link: 'connecting', capture: CAPTURE, waitingMs: 900 })).toEqual(['away'])
  // Nothing is being sent.
  expect(keys({ link: 'connecting', waitingMs: 7000, leftCaptures: 2 })).toEqual(['away'])
  expect(keys({ waitingMs: 7000, leftCaptures: 2 })).toEqual(['catchingUp', 'left'])
  expect(keys({ link: 'connecting' }, { awayMs: 9000 })).toEqual(['lookingForServer'])
  expect(keys({ link: 'refused', capture: CAPTURE })).toEqual(['shutOut'])
  expect(keys({ link: 'refused', waitingMs: 7000, leftCaptures: 2 })).toEqual(['waits'])
  expect(keys({ link: 'refused' })).toEqual([])
  // Where the page's memory is all there is, what waits goes with the page.
  expect(keys({ link: 'connecting', waitingMs: 7000, isMemoryOnly: true })).toEqual(['away', 'memoryOnly'])
  expect(keys({ waitingMs: 1500, isMemoryOnly: true })).toEqual([])
})

it('tells the gravest first', () => {
  const battery = { level: 0.1, isCharging: false }
  expect(
    keys(
      { link: 'connecting', capture: CAPTURE, dropped: 3, notice: 'storage-full' },
      { battery, isStrained: true, isAwake: false },
    ),
  ).toEqual(['storage-full', 'dropped', 'away', 'batteryLow', 'strained', 'sleepy'])
  expect(keys({}, { battery: { ...battery, isCharging: true } })).toEqual([])
  expect(keys({ notice: 'bitrate-lowered' })).toEqual(['bitrate-lowered'])
  expect(keys({ notice: 'encoder-failed' })).toEqual(['encoder-failed'])
  expect(keys({ notice: 'no-frames' })).toEqual(['no-frames'])
  // Said in place of the picture then.
  expect(keys({ notice: 'no-frames' }, { isOpen: false })).toEqual([])
})
