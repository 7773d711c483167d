import { expect, it } from 'vitest'
import type { CameraView } from '../../wire/api/cameras.ts'
import { healthOf } from './camera-health.ts'

const NOW_MS = 1_000_000
const of = (camera: Partial<CameraView>) => {
  const { level, saying } = healthOf(
    { lastPictureAtMs: null, recordingStartedAtMs: null, ...camera } as CameraView,
    NOW_MS,
  )
  return [level, saying]
}

it('is bad when pictures stop in a recording, and not before', () => {
  expect(of({ state: 'recording', lastPictureAtMs: NOW_MS - 2900 })).toEqual(['good', 'none'])
  expect(of({ state: 'recording', lastPictureAtMs: NOW_MS - 3100 })).toEqual(['bad', 'silent'])
  expect(of({ state: 'recording', recordingStartedAtMs: NOW_MS - 4000 })).toEqual(['bad', 'silent'])
  expect(of({ state: 'recording' })).toEqual(['good', 'none'])
})

it('says of each state what it is', () => {
  expect(of({ state: 'ready', lastPictureAtMs: NOW_MS - 9000 })).toEqual(['idle', 'ready'])
  expect(of({ state: 'starting' })).toEqual(['idle', 'starting'])
  expect(of({ state: 'unrecorded', lastPictureAtMs: NOW_MS })).toEqual(['warning', 'unrecorded'])
  expect(of({ state: 'disk full' })).toEqual(['bad', 'disk-full'])
  expect(of({ state: 'disk failed' })).toEqual(['bad', 'disk-failed'])
  expect(of({ state: 'away', lastPictureAtMs: NOW_MS - 9000 })).toEqual(['warning', 'away'])
  expect(of({ state: 'gone' })).toEqual(['bad', 'gone'])
})
