import { expect, it } from 'vitest'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { lengthOf } from '../../wire/take-length.ts'
import {
  EVERYTHING,
  grouped,
  inTakeOrder,
  isNarrowed,
  matches,
  searchParams,
  withPage,
  withRecording,
  withRecordings,
  withSame,
} from './listing.ts'

function recording(id: string, facts: Partial<RecordingSummary> = {}): RecordingSummary {
  return {
    id,
    camera: '192.168.1.23_40312',
    cameraName: 'Left',
    model: 'Pixel 6a',
    take: null,
    state: 'closed',
    startedAtMs: 1000,
    endedAtMs: 2000,
    durationMs: 1000,
    pictures: 30,
    missing: 0,
    gapCount: 0,
    bytes: 100,
    width: 1280,
    height: 720,
    partsAtMs: [0],
    format: 'h264',
    playable: { state: 'ready', progress: null },
    hasThumbnail: true,
    hasRaw: true,
    title: null,
    note: null,
    star: false,
    ...facts,
  }
}
const idsOf = (list: readonly RecordingSummary[]) => list.map(({ id }) => id).join('')

it('asks the server for no more than what narrows the list', () => {
  expect(searchParams(EVERYTHING, { limit: 100 }).toString()).toBe('limit=100')
  const query = { ...EVERYTHING, text: ' dawn ', star: true, from: 5, sort: 'largest' as const }
  expect(searchParams(query, { limit: 50, cursor: 'c' }).toString()).toBe(
    'text=dawn&star=true&from=5&sort=largest&limit=50&cursor=c',
  )
  expect([EVERYTHING, { ...EVERYTHING, text: ' ' }, query].map(isNarrowed)).toEqual([false, false, true])
})

it('knows what the server would list', () => {
  const one = recording('192.168.1.23_40312_20261125_170409', {
    title: 'Dawn over the bay',
    star: true,
    startedAtMs: 50,
  })
  const seen = (query: Partial<typeof EVERYTHING>) => matches(one, { ...EVERYTHING, ...query })
  expect(seen({})).toBe(true)
  expect(seen({ text: 'BAY pixel' })).toBe(true)
  expect(seen({ text: 'bay night' })).toBe(false)
  expect(seen({ star: true, state: 'closed', camera: one.camera })).toBe(true)
  expect(seen({ state: 'failed' })).toBe(false)
  expect(seen({ camera: 'other' })).toBe(false)
  // By what it is called: after it has connected anew it has another id.
  expect(seen({ camera: 'Left' })).toBe(true)
  expect(seen({ text: '２０２６-11-25 ＢＡＹ' })).toBe(true)
  expect(seen({ text: '20261125' })).toBe(true)
  expect(seen({ text: '2026-11-26' })).toBe(false)
  expect([seen({ from: 50 }), seen({ from: 51 }), seen({ to: 50 })]).toEqual([true, false, false])
})

it('puts what an event tells of in its place, once', () => {
  const list = [recording('c', { startedAtMs: 30 }), recording('a', { startedAtMs: 10 })]
  expect(idsOf(withRecording(list, recording('d', { startedAtMs: 40 }), EVERYTHING, true))).toBe('dca')
  expect(idsOf(withRecording(list, recording('b', { startedAtMs: 20 }), EVERYTHING, true))).toBe('cba')
  expect(idsOf(withRecording(list, recording('c', { startedAtMs: 30, star: true }), EVERYTHING, true))).toBe(
    'ca',
  )
  const oldest = recording('0', { startedAtMs: 1 })
  expect(idsOf(withRecording(list, oldest, EVERYTHING, true))).toBe('ca')
  expect(idsOf(withRecording(list, oldest, EVERYTHING, false))).toBe('ca0')
  // The last of the list, changed, is still the last.
  expect(idsOf(withRecording(list, recording('a', { startedAtMs: 10 }), EVERYTHING, true))).toBe('ca')
  expect(idsOf(withRecording(list, list[0]!, { ...EVERYTHING, star: true }, true))).toBe('a')
})

it('does not list twice what a page brings again', () => {
  expect(idsOf(withPage([recording('b'), recording('a')], [recording('a'), recording('0')]))).toBe('ba0')
})

it('groups by take, those without one by themselves', () => {
  const list = [
    recording('d', { take: 'T2', startedAtMs: 41 }),
    recording('c', { startedAtMs: 40 }),
    recording('b', { take: 'T2', startedAtMs: 39 }),
    recording('a', { take: 'T1', startedAtMs: 10 }),
  ]
  expect(grouped(list, 'take').map(({ take, recordings }) => [take, idsOf(recordings)])).toEqual([
    ['T2', 'bd'],
    [undefined, 'c'],
    ['T1', 'a'],
  ])
  expect(grouped(list, 'take')[0]!.startedAtMs).toBe(39)
})

it('shows the recordings of a take by when they began, then by name; it lasts from its first picture to its last', () => {
  const list = [
    recording('d', { cameraName: 'Cam 10', startedAtMs: 1200 }),
    recording('c', { cameraName: 'Back', startedAtMs: 30_000, durationMs: 60_000 }),
    recording('b', { cameraName: 'Cam 9', startedAtMs: 1900 }),
    recording('a', { cameraName: 'Cam 10', startedAtMs: 20_000 }),
  ]
  expect(idsOf(inTakeOrder(list))).toBe('bdac')
  expect(lengthOf(list)).toBe(88_800)
})

it('groups by the local day', () => {
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime()
  const list = [
    recording('c', { startedAtMs: at(25, 0) }),
    recording('b', { startedAtMs: at(24, 23) }),
    recording('a', { startedAtMs: at(24, 1) }),
  ]
  expect(grouped(list, 'day').map(({ recordings }) => idsOf(recordings))).toEqual(['c', 'ba'])
})

it('keeps the groups in which nothing changed', () => {
  const list = [
    recording('c', { take: 'T2' }),
    recording('b', { take: 'T1' }),
    recording('a', { take: 'T1' }),
  ]
  const before = grouped(list, 'take')
  const star = { ...list[2]!, star: true }
  const after = withSame(grouped([list[0]!, list[1]!, star], 'take'), before)
  expect(after[0]).toBe(before[0])
  expect(after[1]).not.toBe(before[1])
  expect(after[1]!.recordings).toEqual([star, list[1]])
})

it('keeps a take open that runs while its recordings go, and knows when nothing is left of it', () => {
  const one = recording('a', { startedAtMs: 5000, durationMs: 2000, bytes: 7 })
  const two = recording('b', { startedAtMs: 6000, durationMs: 3000, bytes: 5 })
  const take = { id: 'T', startedAtMs: 5000, durationMs: 0, isRunning: true, bytes: 0, recordings: [] }
  expect(withRecordings(take, [one, two], true)).toMatchObject({
    durationMs: 4000,
    bytes: 12,
    isRunning: true,
  })
  expect(withRecordings(take, [], true)).toMatchObject({ recordings: [], durationMs: 0, isRunning: true })
  expect(withRecordings(take, [one], false)?.isRunning).toBe(false)
  expect(withRecordings(take, [], false)).toBeUndefined()
})
