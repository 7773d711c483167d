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
import { STOP_CAPTURE_TEXT, startCaptureText } from '../wire/messages.ts'
import type { Takes } from './take.ts'

beforeEach(stillTime)

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
    time.wallMs += 1000
    expect(takes.start(REQUEST).takeId).toBe('take_20261124_120001')
  })

  it('has an id of its own when the clock is set back', () => {
    const { takes } = room([])
    const first = takes.start(REQUEST).takeId
    time.wallMs -= 3_600_000
    const second = takes.start(REQUEST).takeId
    time.wallMs = NOON_MS
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
