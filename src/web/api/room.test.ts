import { beforeEach, expect, it } from 'vitest'
import type { CameraView } from '../../wire/api/cameras.ts'
import {
  apply,
  camera,
  cameraIds,
  cameras,
  holdChange,
  isRecording,
  onRoomEvent,
  serverNowMs,
} from './room.ts'

const one = (id: string, order = 0, more: Partial<CameraView> = {}) =>
  ({ id, order, state: 'ready', ...more }) as CameraView

function snapshot(...list: CameraView[]): void {
  apply({
    type: 'snapshot',
    serverStartedAtMs: 1,
    serverTimeMs: Date.now() + 60_000,
    version: '1',
    cameras: list,
    take: null,
    disk: null,
    health: { level: 'good', reasons: [] },
  })
}

beforeEach(() => snapshot())

it('knows the time of the server, whatever the clock of this device is set to', () => {
  const nowMs = Date.now() + 3_600_000
  apply({ type: 'clock', serverTimeMs: nowMs })
  expect(Math.abs(serverNowMs() - nowMs)).toBeLessThan(1000)
})

it('holds cameras by order, then id, and keeps each signal over changes and snapshots', () => {
  snapshot(one('b'), one('a'), one('c', -1))
  expect(cameraIds.value).toEqual(['c', 'a', 'b'])
  const a = camera('a')!
  const ids = cameraIds.value
  apply({ type: 'camera', camera: one('a', 0, { name: 'Wide' }) })
  expect(a.value.name).toBe('Wide')
  expect(cameraIds.value).toBe(ids)
  apply({ type: 'camera', camera: one('a', 5) })
  expect(cameraIds.value).toEqual(['c', 'b', 'a'])
  snapshot(one('a', 5), one('d'))
  expect(camera('a')).toBe(a)
  expect(cameras.value.map(({ id }) => id)).toEqual(['d', 'a'])
  apply({ type: 'camera-gone', id: 'a' })
  expect(camera('a')).toBeUndefined()
  expect(cameraIds.value).toEqual(['d'])
})

it('shows what was asked for over what the server told before, until the answer is there', () => {
  snapshot(one('a', 0), one('b', 1))
  const letGo = [holdChange('a', { order: 2 }), holdChange('a', { name: 'Wide' })]
  expect(cameraIds.value).toEqual(['b', 'a'])
  // Under way when it was asked.
  apply({ type: 'camera', camera: one('a', 0) })
  expect(cameraIds.value).toEqual(['b', 'a'])
  expect(camera('a')!.value.name).toBe('Wide')
  letGo[0]!()
  apply({ type: 'camera', camera: one('a', 0) })
  expect([cameraIds.value, camera('a')!.value.name]).toEqual([['a', 'b'], 'Wide'])
  letGo[1]!()
  apply({ type: 'camera', camera: one('a', 0, { name: null }) })
  expect(camera('a')!.value.name).toBeNull()
})

it('knows the clock of the server, and whether anything is recorded', () => {
  expect(Math.abs(serverNowMs() - Date.now() - 60_000)).toBeLessThan(1000)
  expect(isRecording.value).toBe(false)
  apply({ type: 'camera', camera: one('a', 0, { state: 'recording' }) })
  expect(isRecording.value).toBe(true)
})

it('tells whoever listens, until they stop', () => {
  const heard: string[] = []
  const end = onRoomEvent(({ type }) => heard.push(type))
  apply({ type: 'take', take: { id: 't', startedAtMs: 1 } })
  end()
  apply({ type: 'take', take: null })
  expect(heard).toEqual(['take'])
})
