import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  CONFIRM_MS,
  FakeCamera,
  NOBODY,
  NOON_MS,
  REQUEST,
  room,
  START_TEXT,
  stillTime,
  time,
} from '../../test/support/takes.ts'
import { STOP_CAPTURE_TEXT } from '../wire/messages.ts'

beforeEach(stillTime)

describe('for named cameras', () => {
  const only = (...ids: string[]) => new Set(ids)

  it('start reaches them alone; others can be started into the same take', () => {
    const { takes, cameras, says } = room(['a', 'b', 'c'])
    const first = takes.start(REQUEST, only('a'))
    expect(first.cameras).toEqual(['a'])
    expect(cameras.map(({ received }) => received.length)).toEqual([1, 0, 0])
    says(cameras[0]!, 'capture_started')
    const second = takes.start(REQUEST, only('a', 'b'))
    expect([second.takeId, second.cameras]).toEqual([first.takeId, ['b']])
    expect([takes.takeOf('b'), takes.takeOf('c')]).toEqual([first.takeId, undefined])
  })

  it('start lets no later camera join by itself, until all are started', () => {
    const { takes, cameras, says } = room(['a'])
    takes.start(REQUEST, only('a'))
    says(cameras[0]!, 'capture_started')
    const later = new FakeCamera('later')
    expect(takes.connected(later)).toBeUndefined()
    takes.start(REQUEST)
    expect(later.received).toEqual([START_TEXT])
    const last = new FakeCamera('last')
    expect(takes.connected(last)?.takeId).toBe(takes.runningId)
  })

  it('one that fell out of the take is started into it again', () => {
    const { takes, cameras, says } = room(['a', 'b', 'c'])
    takes.start(REQUEST, only('a', 'b'))
    for (const camera of cameras.slice(0, 2)) says(camera, 'capture_started')
    expect([takes.disconnected('a'), takes.disconnected('c')]).toEqual([true, false])
    const again = new FakeCamera('again')
    expect(takes.connected(again)).toBeUndefined()
    expect(takes.fellOut('again')?.takeId).toBe(takes.runningId)
    expect([again.received, takes.takeOf('again')]).toEqual([[START_TEXT], takes.runningId])
    expect(takes.fellOut('nobody')).toBeUndefined()
    takes.stop()
    expect(takes.fellOut('again')).toBeUndefined()
  })

  it('one that fell out of a take of all cameras is not started twice', () => {
    const { takes, cameras, says } = room(['a', 'b'])
    takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    takes.disconnected('a')
    const again = new FakeCamera('again')
    takes.connected(again)
    takes.fellOut('again')
    expect(again.received).toEqual([START_TEXT])
  })

  it('stop leaves the take running for the others, and ends it with the last', () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const { takeId } = takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    expect(takes.stop(only('a')).cameras).toEqual(['a'])
    expect(cameras.map(({ received }) => received.at(-1))).toEqual([STOP_CAPTURE_TEXT, START_TEXT])
    says(cameras[0]!, 'capture_stopped')
    expect([takes.runningId, takes.takeOf('a'), takes.takeOf('b')]).toEqual([takeId, undefined, takeId])
    expect(takes.connected(new FakeCamera('later'))).toBeUndefined()
    takes.stop(only('b'))
    expect(takes.runningId).toBeUndefined()
  })

  it('stop of one after the other ends the take, though none has answered yet', () => {
    const { takes, cameras, says } = room(['a', 'b'])
    takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    takes.stop(only('a'))
    takes.stop(only('b'))
    expect(takes.runningId).toBeUndefined()
  })

  it('start takes one back that is about to stop', () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const { takeId } = takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    takes.stop(only('a'))
    expect(takes.start(REQUEST, only('a'))).toMatchObject({ takeId, cameras: ['a'] })
    says(cameras[0]!, 'capture_stopped')
    expect(takes.takeOf('a')).toBe(takeId)
  })

  it('nobody is nobody', async () => {
    const { takes, cameras } = room(['a'])
    expect(takes.start(REQUEST, only('b')).cameras).toEqual([])
    expect(takes.stop(only('b')).cameras).toEqual([])
    expect(cameras[0]!.received).toEqual([])
  })
})

describe('cameras that last', () => {
  const only = (...ids: string[]) => new Set(ids)

  /** Cameras of protocol 2, in a take of all that they film for. */
  function lasting(...ids: string[]) {
    const { takes, cameras, says } = room(ids)
    for (const camera of cameras) camera.isLasting = true
    const take = takes.start(REQUEST).takeId!
    for (const camera of cameras) says(camera, 'capture_started')
    const away = (camera: FakeCamera) => {
      camera.isAway = true
      takes.away(camera.id)
    }
    /** Connects anew, and says what it films. @returns What it was told. */
    const back = (camera: FakeCamera, films?: { take: string | null; beganMs: number }, stopped?: object) => {
      camera.isAway = false
      camera.received.length = 0
      takes.connected(camera, stopped as never)
      if (films) takes.films(camera.id, films)
      return camera.received
    }
    return { takes, cameras: cameras as [FakeCamera, FakeCamera], says, take, away, back }
  }

  beforeEach(() => {
    time.monotonicMs = 1000
  })

  it('are told what was not answered when they are back', async () => {
    const { takes, cameras, away, back, take } = lasting('a')
    const [a] = cameras
    const sent = takes.stop()
    away(a)
    expect(await sent.outcome).toEqual({ ...NOBODY, away: ['a'] })
    expect(back(a, { take, beganMs: 10 })).toEqual([STOP_CAPTURE_TEXT])
    expect(back(a, { take: null, beganMs: 999 })).toEqual([STOP_CAPTURE_TEXT])
    expect(back(a, { take: null, beganMs: 1000 })).toEqual([])
  })

  it('stay in their take while they are away, and are told of it when they are back', async () => {
    const { takes, cameras, away, back, take } = lasting('a', 'b')
    const [a, b] = cameras
    away(a)
    takes.stop(only('b'))
    expect(takes.runningId).toBe(take)
    expect(await takes.start(REQUEST, only('a')).outcome).toEqual({ ...NOBODY, away: ['a'] })
    expect(takes.runningId).toBe(take)
    expect(back(a, { take, beganMs: 0 })).toEqual([START_TEXT])
    expect(back(b, { take, beganMs: 0 })).toEqual([STOP_CAPTURE_TEXT])
  })

  it('that are away count as stopped once they were told to', () => {
    const { takes, cameras, away } = lasting('a', 'b')
    away(cameras[0])
    takes.stop(only('a'))
    takes.stop(only('b'))
    expect(takes.runningId).toBeUndefined()
  })

  it('are let be in a take that their holder stopped, until the operator asks again', () => {
    const { takes, cameras, says, away, back, take } = lasting('a', 'b')
    const [a, b] = cameras
    says(a, 'capture_stopped')
    expect(back(a)).toEqual([])
    takes.start(REQUEST)
    expect(a.received).toEqual([START_TEXT])
    away(b)
    time.monotonicMs = 3000
    takes.start(REQUEST)
    // It was stopped ahead of that start; then, behind it.
    expect(back(b, undefined, { take, atMs: 2000 })).toEqual([START_TEXT])
    expect(back(b, undefined, { take: 'take_20261124_110000', atMs: 4000 })).toEqual([START_TEXT])
    expect(back(b, undefined, { take, atMs: 4000 })).toEqual([])
  })

  it('go on with what they began after their own stop, however long that stop was on its way', () => {
    const { cameras, says, away, back, take } = lasting('a')
    const [a] = cameras
    time.monotonicMs = 3000
    says(a, 'capture_stopped')
    away(a)
    expect(back(a, { take: null, beganMs: 2500 }, { take, atMs: 2900 })).toEqual([])
  })

  it('go on in a take that they were started for behind their own stop, though its word came last', () => {
    const { takes, cameras, says, take } = lasting('a', 'b')
    const [a] = cameras
    // It is on its way for longer than the start waits.
    takes.start(REQUEST, only('a'))
    vi.advanceTimersByTime(CONFIRM_MS)
    says(a, 'capture_stopped')
    says(a, 'capture_started')
    a.received.length = 0
    expect([takes.films('a', { take, beganMs: 900 }), a.received]).toEqual(['goes on', []])
    takes.stop(only('a'))
    expect(takes.films('a', { take, beganMs: 900 })).toBe('stopped')
  })

  it('are stopped in what they began between their own stop and that of the operator', () => {
    const { takes, cameras, says, away, back } = lasting('a', 'b')
    const [a] = cameras
    time.monotonicMs = 3000
    takes.stop(only('a'))
    says(a, 'capture_stopped')
    away(a)
    expect(back(a, { take: null, beganMs: 2500 })).toEqual([STOP_CAPTURE_TEXT])
    expect(back(a, { take: null, beganMs: 3000 })).toEqual([])
  })

  it('are remembered after they were given up', () => {
    const { takes, cameras, away, back, take } = lasting('a', 'b')
    const [a] = cameras
    takes.stop(only('a'))
    away(a)
    expect(takes.disconnected('a')).toBe(false)
    expect(back(a, { take, beganMs: 0 })).toEqual([STOP_CAPTURE_TEXT])
  })

  it('film on in a take that an earlier process began, and it runs again', () => {
    const { takes } = room([])
    const a = new FakeCamera('a')
    a.isLasting = true
    takes.connected(a)
    const films = (take: string | null) => takes.films('a', { take, beganMs: 400 })
    expect([null, 'take_1', 'take_20261125_120001'].map(films)).toEqual(['goes on', 'goes on', 'goes on'])
    expect(takes.running).toBeUndefined()
    expect(films('take_20261124_115900_2')).toBe('taken over')
    expect(takes.running).toEqual({ id: 'take_20261124_115900_2', startedAtMs: NOON_MS - 600 })
    expect([takes.takeOf('a'), takes.connected(new FakeCamera('b'))]).toEqual([takes.runningId, undefined])
    takes.stop()
    expect([films('take_20261124_115900_2'), a.received]).toEqual([
      'stopped',
      [STOP_CAPTURE_TEXT, STOP_CAPTURE_TEXT],
    ])
  })

  it.each(['120000', '125900'])(
    'give a taken over id to no other take, also of a clock set back: %s',
    (time) => {
      const { takes } = room([])
      takes.connected(Object.assign(new FakeCamera('a'), { isLasting: true }))
      expect(takes.films('a', { take: `take_20261124_${time}`, beganMs: 0 })).toBe('taken over')
      takes.stop()
      expect(takes.start(REQUEST).takeId).toBe(`take_20261124_${time}_2`)
    },
  )
})
