import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../time.ts'
import { STOP_CAPTURE_TEXT, startCaptureText } from '../wire/messages.ts'
import type { Outcome, TakeCamera } from './asked.ts'
import { Takes } from './take.ts'

const CONFIRM_MS = 5000
const REQUEST = { bitrateMbps: 4, fps: 10 }
const START_TEXT = startCaptureText(REQUEST)
/** Local time, as take ids carry it. */
const NOON_MS = new Date(2026, 10, 24, 12, 0, 0).getTime()

const NOBODY: Outcome = { confirmed: [], already: [], refused: [], failed: [], silent: [], away: [] }

class FakeCamera implements TakeCamera {
  readonly id: string
  isRecording = false
  isLasting = false
  isAway = false
  readonly received: string[] = []
  /** How the connection takes what is sent. */
  delivery: 'works' | 'dead' | 'hangs' = 'works'

  constructor(id: string) {
    this.id = id
  }

  send(text: string): Promise<void> {
    this.received.push(text)
    if (this.delivery === 'dead') return Promise.reject(new Error('the connection is closing'))
    return this.delivery === 'hangs' ? new Promise(() => {}) : Promise.resolve()
  }
}

let wallMs = NOON_MS
let monotonicMs = 0
const clock: Clock = { wallMs: () => wallMs, monotonicMs: () => monotonicMs }

/** Takes with cameras that have connected before. */
function room(ids: readonly string[], options: { joinRunningTake?: boolean } = {}) {
  const { joinRunningTake = true } = options
  const takes = new Takes({ clock, confirmMs: CONFIRM_MS, joinRunningTake, takenOver: REQUEST })
  const cameras = ids.map((id) => new FakeCamera(id))
  for (const camera of cameras) takes.connected(camera)
  /** The camera says that it captures, or that it does not. */
  const says = (camera: FakeCamera, status: 'capture_started' | 'capture_stopped') => {
    takes.status(camera.id, { status })
    camera.isRecording = status === 'capture_started'
  }
  return { takes, cameras, says }
}

beforeEach(() => {
  wallMs = NOON_MS
  monotonicMs = 0
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

describe('start', () => {
  it('sends the command to every camera before any has answered', () => {
    const { takes, cameras } = room(['a', 'b', 'c'])
    expect(takes.start(REQUEST).cameras).toEqual(['a', 'b', 'c'])
    expect(cameras.map(({ received }) => received)).toEqual([[START_TEXT], [START_TEXT], [START_TEXT]])
  })

  it('says which cameras confirmed, as soon as all have', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const sent = takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    expect(await sent.outcome).toEqual({ ...NOBODY, confirmed: ['a', 'b'] })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has an empty outcome without a camera', async () => {
    const sent = room([]).takes.start(REQUEST)
    expect(sent.cameras).toEqual([])
    expect(await sent.outcome).toEqual(NOBODY)
  })

  it('names a camera that refused, with its reason', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const { outcome } = takes.start(REQUEST)
    takes.status('a', { status: 'error', message: 'the camera is in use' })
    says(cameras[1]!, 'capture_started')
    expect(await outcome).toEqual({
      ...NOBODY,
      confirmed: ['b'],
      refused: [{ camera: 'a', message: 'the camera is in use' }],
    })
  })

  it('names a dead camera and does not wait for it', async () => {
    const { takes, cameras, says } = room(['dead', 'b'])
    cameras[0]!.delivery = 'dead'
    const { outcome } = takes.start(REQUEST)
    expect(cameras[1]!.received).toEqual([START_TEXT])
    says(cameras[1]!, 'capture_started')
    expect(await outcome).toEqual({
      ...NOBODY,
      confirmed: ['b'],
      failed: [{ camera: 'dead', message: 'the connection is closing' }],
    })
  })

  it('waits no longer than it may for a camera whose connection hangs', async () => {
    const { takes, cameras, says } = room(['hangs', 'b'])
    cameras[0]!.delivery = 'hangs'
    const { outcome } = takes.start(REQUEST)
    says(cameras[1]!, 'capture_started')
    await vi.advanceTimersByTimeAsync(CONFIRM_MS)
    expect(await outcome).toEqual({ ...NOBODY, confirmed: ['b'], silent: ['hangs'] })
  })

  it('calls a camera silent only once its time is over', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const { outcome } = takes.start(REQUEST)
    await vi.advanceTimersByTimeAsync(CONFIRM_MS - 1)
    says(cameras[0]!, 'capture_started')
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toEqual({ ...NOBODY, confirmed: ['a'], silent: ['b'] })
  })

  it('does not wait for a camera that streams already: it ignores the command', async () => {
    const { takes, cameras } = room(['a'])
    cameras[0]!.isRecording = true
    expect(await takes.start(REQUEST).outcome).toEqual({ ...NOBODY, already: ['a'] })
    expect(takes.takeOf('a')).toBeUndefined()
  })

  it('takes no other status for an answer', async () => {
    const { takes } = room(['a'])
    const { outcome } = takes.start(REQUEST)
    takes.status('a', { status: 'ready' })
    takes.status('a', { status: 'capture_stopped' })
    expect(takes.isWaiting('a')).toBe(true)
    await vi.advanceTimersByTimeAsync(CONFIRM_MS)
    expect(await outcome).toEqual({ ...NOBODY, silent: ['a'] })
    expect(takes.isWaiting('a')).toBe(false)
  })

  it('names a camera whose connection ends before it answers', async () => {
    const { takes } = room(['a'])
    const { outcome } = takes.start(REQUEST)
    takes.disconnected('a')
    expect(await outcome).toEqual({ ...NOBODY, failed: [{ camera: 'a', message: 'the connection ended' }] })
    expect(takes.takeOf('a')).toBeUndefined()
    expect(takes.start(REQUEST).cameras).toEqual([])
  })

  it('ends the wait for an earlier command when another one follows', async () => {
    const { takes, cameras, says } = room(['a'])
    const first = takes.start(REQUEST)
    takes.stop()
    const second = takes.start(REQUEST)
    expect(await first.outcome).toEqual({ ...NOBODY, silent: ['a'] })
    says(cameras[0]!, 'capture_started')
    expect(await second.outcome).toEqual({ ...NOBODY, confirmed: ['a'] })
    expect(takes.takeOf('a')).toBe(second.takeId)
  })
})

describe('start while a take runs', () => {
  const OTHER = { bitrateMbps: 8, fps: 30 }

  it('brings the idle cameras into it with the settings that were typed now, and leaves the others alone', async () => {
    const { takes, cameras, says } = room(['films', 'refused', 'asked'])
    const [films, refused, asked] = cameras
    const { takeId } = takes.start(REQUEST)
    says(films!, 'capture_started')
    takes.status('refused', { status: 'error' })
    const sent = takes.start(OTHER)
    expect(sent).toMatchObject({ takeId, cameras: ['refused'] })
    expect(refused!.received).toEqual([START_TEXT, startCaptureText(OTHER)])
    expect([films!.received, asked!.received]).toEqual([[START_TEXT], [START_TEXT]])
    says(refused!, 'capture_started')
    expect(await sent.outcome).toEqual({ ...NOBODY, confirmed: ['refused'] })
    expect(takes.takeOf('refused')).toBe(takeId)
  })

  it('sends nothing when every camera is in it', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const { takeId } = takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    const sent = takes.start(OTHER)
    expect(sent).toMatchObject({ takeId, cameras: [] })
    expect(await sent.outcome).toEqual(NOBODY)
    for (const { received } of cameras) expect(received).toEqual([START_TEXT])
    const late = new FakeCamera('late')
    takes.connected(late)
    expect(late.received).toEqual([START_TEXT])
  })

  it('decides with which settings later cameras join', () => {
    const { takes, cameras, says } = room(['a', 'b'])
    takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    takes.status('b', { status: 'error' })
    takes.start(OTHER)
    const late = new FakeCamera('late')
    takes.connected(late)
    expect(late.received).toEqual([startCaptureText(OTHER)])
  })

  it('reaches the cameras that were not to join by themselves', () => {
    const { takes, cameras, says } = room(['a'], { joinRunningTake: false })
    const { takeId } = takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    const late = new FakeCamera('late')
    takes.connected(late)
    expect(takes.start(REQUEST)).toMatchObject({ takeId, cameras: ['late'] })
    expect(takes.takeOf('late')).toBe(takeId)
  })

  it.each([
    ['stopped on the phone', (takes: Takes) => takes.status('a', { status: 'capture_stopped' })],
    ['is gone', (takes: Takes) => takes.disconnected('a')],
  ])('begins a new take when the last camera of it %s', (_title, leave) => {
    const { takes, cameras, says } = room(['a', 'refused'])
    const first = takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    takes.status('refused', { status: 'error' })
    cameras[0]!.isRecording = false
    leave(takes)
    const second = takes.start(REQUEST)
    expect(second.takeId).not.toBe(first.takeId)
    expect(takes.runningId).toBe(second.takeId)
    expect(takes.takeOf('refused')).toBe(second.takeId)
  })

  it('tells of a camera that streams by itself, and does not count it in', async () => {
    const { takes, cameras, says } = room(['a', 'own'])
    cameras[1]!.isRecording = true
    takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    expect(await takes.start(REQUEST).outcome).toEqual({ ...NOBODY, already: ['own'] })
    expect(takes.takeOf('own')).toBeUndefined()
  })
})

describe('stop', () => {
  it('stops every camera and says which confirmed', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    takes.start(REQUEST)
    for (const camera of cameras) says(camera, 'capture_started')
    const sent = takes.stop()
    expect(sent).toMatchObject({ takeId: undefined, cameras: ['a', 'b'] })
    expect(cameras.map(({ received }) => received.at(-1))).toEqual([STOP_CAPTURE_TEXT, STOP_CAPTURE_TEXT])
    for (const camera of cameras) says(camera, 'capture_stopped')
    expect(await sent.outcome).toEqual({ ...NOBODY, confirmed: ['a', 'b'] })
  })

  it('does not wait for a camera that is idle: it ignores the command', async () => {
    expect(await room(['a']).takes.stop().outcome).toEqual({ ...NOBODY, already: ['a'] })
  })

  it('waits for a camera that was told to start and has not answered yet', async () => {
    const { takes, cameras, says } = room(['a'])
    takes.start(REQUEST)
    const sent = takes.stop()
    says(cameras[0]!, 'capture_started')
    says(cameras[0]!, 'capture_stopped')
    expect(await sent.outcome).toEqual({ ...NOBODY, confirmed: ['a'] })
  })

  it('is followed by another take at once', async () => {
    const { takes, cameras, says } = room(['a'])
    takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    takes.stop()
    const second = takes.start(REQUEST)
    says(cameras[0]!, 'capture_stopped')
    says(cameras[0]!, 'capture_started')
    expect(await second.outcome).toEqual({ ...NOBODY, confirmed: ['a'] })
    expect(takes.takeOf('a')).toBe(second.takeId)
  })
})

describe('a take', () => {
  it('has an id of its own, also within one second', () => {
    const { takes } = room([])
    const ids = [takes.start(REQUEST), takes.start(REQUEST), takes.start(REQUEST)].map(({ takeId }) => takeId)
    expect(ids).toEqual(['take_20261124_120000', 'take_20261124_120000_2', 'take_20261124_120000_3'])
    wallMs += 1000
    expect(takes.start(REQUEST).takeId).toBe('take_20261124_120001')
  })

  it('has an id of its own when the clock is set back', () => {
    const { takes } = room([])
    const first = takes.start(REQUEST).takeId
    wallMs -= 3_600_000
    const second = takes.start(REQUEST).takeId
    wallMs = NOON_MS
    expect(new Set([first, second, takes.start(REQUEST).takeId]).size).toBe(3)
  })

  it('runs from start to stop', () => {
    const { takes } = room(['a'])
    expect(takes.runningId).toBeUndefined()
    const { takeId } = takes.start(REQUEST)
    expect(takes.runningId).toBe(takeId)
    takes.stop()
    expect(takes.runningId).toBeUndefined()
  })

  it('is known before the camera confirms, so that its recording carries it', () => {
    const { takes } = room(['a'])
    const { takeId } = takes.start(REQUEST)
    expect(takes.takeOf('a')).toBe(takeId)
  })

  it('stays the one in which a camera began to record', async () => {
    const { takes, cameras, says } = room(['a', 'b'])
    const first = takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    takes.stop()
    // It goes on, whatever it was told.
    await vi.advanceTimersByTimeAsync(CONFIRM_MS)
    const second = takes.start(REQUEST)
    expect(takes.takeOf('a')).toBe(first.takeId)
    expect(takes.takeOf('b')).toBe(second.takeId)
  })

  it('ends for a camera when it stopped, so that what it begins by itself belongs to none', () => {
    const { takes, cameras, says } = room(['a', 'idle'])
    const { takeId } = takes.start(REQUEST)
    says(cameras[0]!, 'capture_started')
    takes.status('idle', { status: 'error' })
    takes.stop()
    expect(takes.takeOf('a')).toBe(takeId)
    expect(takes.takeOf('idle')).toBeUndefined()
    says(cameras[0]!, 'capture_stopped')
    expect(takes.takeOf('a')).toBeUndefined()
  })

  it('is joined by a camera that connects while it runs', async () => {
    const { takes, says } = room([])
    const { takeId } = takes.start(REQUEST)
    const late = new FakeCamera('late')
    const sent = takes.connected(late)
    expect(sent).toMatchObject({ takeId, cameras: ['late'] })
    expect(late.received).toEqual([START_TEXT])
    expect(takes.takeOf('late')).toBe(takeId)
    says(late, 'capture_started')
    expect(await sent!.outcome).toEqual({ ...NOBODY, confirmed: ['late'] })
  })

  it('is not joined once it has stopped, nor when joining is turned off', () => {
    const stopped = room([])
    stopped.takes.start(REQUEST)
    stopped.takes.stop()
    const off = room([], { joinRunningTake: false })
    off.takes.start(REQUEST)
    for (const { takes } of [stopped, off]) {
      const late = new FakeCamera('late')
      expect(takes.connected(late)).toBeUndefined()
      expect(late.received).toEqual([])
      expect(takes.takeOf('late')).toBeUndefined()
    }
  })
})

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
    monotonicMs = 1000
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
    monotonicMs = 3000
    takes.start(REQUEST)
    // It was stopped ahead of that start; then, behind it.
    expect(back(b, undefined, { take, atMs: 2000 })).toEqual([START_TEXT])
    expect(back(b, undefined, { take: 'take_20261124_110000', atMs: 4000 })).toEqual([START_TEXT])
    expect(back(b, undefined, { take, atMs: 4000 })).toEqual([])
  })

  it('go on with what they began after their own stop, however long that stop was on its way', () => {
    const { cameras, says, away, back, take } = lasting('a')
    const [a] = cameras
    monotonicMs = 3000
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
    monotonicMs = 3000
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
