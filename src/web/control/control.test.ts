import { describe, expect, it } from 'vitest'
import { lastingText, minutesAt } from './lasting.ts'
import { call, hasTrouble, heardAnswer, heardState, obeyedCount } from './roll-call.ts'
import { readSettings } from './take-settings.ts'

it.each([
  [-1, '0 min'],
  [42.9, '42 min'],
  [314, '5 h 10 min'],
  [363, '6 h'],
  [1327, '22 h'],
  [17_300, '12 days'],
])('says that %d minutes are %s', (minutes, text) => {
  expect(lastingText(minutes)).toBe(text)
})

it('reckons with what the next start would ask in place of what the last one did', () => {
  const disk = { freeBytes: 1e9, minutesLeft: 60, askedMbps: 12, isLow: false }
  expect([minutesAt(disk, 12), minutesAt(disk, 36), minutesAt(disk, 0)]).toEqual([60, 20, null])
  expect(minutesAt({ ...disk, minutesLeft: null, askedMbps: 0 }, 4)).toBeNull()
})

describe('the roll call', () => {
  const CALLED = call('start', [
    { id: 'a', name: 'Wide' },
    { id: 'b', name: 'Close' },
  ])

  it('hears of each camera when it records, and of no other', () => {
    expect(heardState(CALLED, { id: 'a', state: 'starting' })).toBe(CALLED)
    expect(heardState(CALLED, { id: 'c', state: 'recording' })).toBe(CALLED)
    const heard = heardState(CALLED, { id: 'a', state: 'recording' })
    expect(heard.called.map(({ result }) => result)).toEqual(['confirmed', 'waiting'])
    expect([obeyedCount(heard), heard.isDone, hasTrouble(heard)]).toEqual([1, false, false])
    expect(
      heardState(call('stop', [{ id: 'a', name: 'A' }]), { id: 'a', state: 'ready' }).called[0]!.result,
    ).toBe('confirmed')
  })

  it('takes the answer of the server for the last word', () => {
    const heard = heardAnswer(
      {
        command: 'start',
        take: 't',
        cameras: [
          { camera: 'a', result: 'already', message: null },
          { camera: 'b', result: 'refused', message: 'camera in use' },
          { camera: 'c', result: 'silent', message: null },
        ],
      },
      (id) => id.toUpperCase(),
    )
    expect(heard.called.map(({ name }) => name)).toEqual(['A', 'B', 'C'])
    expect([obeyedCount(heard), heard.isDone, hasTrouble(heard)]).toEqual([1, true, true])
    expect(heardState(heard, { id: 'c', state: 'recording' })).toBe(heard)
  })
})

it.each([
  null,
  '',
  '{',
  '7',
  '{"ratio":"2:1","bitrateMbps":0.5,"fps":-1,"countdown":99,"board":{"resolution":"X","quality":64}}',
])('takes the first settings in place of %j', (text) => {
  expect(readSettings(text)).toEqual({ ratio: 'phone', bitrateMbps: 4, fps: 30, countdown: 0, board: {} })
})

it('reads settings that were kept', () => {
  const kept = {
    ratio: '4:3',
    bitrateMbps: 12,
    fps: 0,
    countdown: 3,
    board: { resolution: 'UXGA', quality: 12 },
  }
  expect(readSettings(JSON.stringify(kept))).toEqual(kept)
})
