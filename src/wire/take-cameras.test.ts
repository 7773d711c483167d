import { expect, it } from 'vitest'
import { calledOf, camerasOf } from './take-cameras.ts'

const of = (camera: string, startedAtMs: number, endedAtMs?: number, cameraName: string | null = null) => ({
  camera,
  cameraName,
  model: 'Pixel 6a',
  startedAtMs,
  endedAtMs: endedAtMs ?? null,
})

it('counts a phone that came back once, by its name or by its kind and address', () => {
  expect(camerasOf([])).toBe(0)
  expect(camerasOf([of('10.0.0.1_1', 0, 50), of('10.0.0.1_2', 60, 90)])).toBe(1)
  expect(camerasOf([of('10.0.0.1_1', 0, 50, 'Wide'), of('10.0.0.9_2', 60, undefined, 'Wide')])).toBe(1)
  expect(camerasOf([of('10.0.0.1_1', 0, 50), of('10.0.0.2_1', 60, 90)])).toBe(2)
})

it('counts phones that record at the same time as several, alike as they may be', () => {
  expect(camerasOf([of('10.0.0.1_1', 0, 50), of('10.0.0.1_2', 1, 40)])).toBe(2)
  const three = [1, 2, 3].map((port) => of(`10.0.0.1_${port}`, port, 50 + port))
  const back = [4, 5, 6].map((port) => of(`10.0.0.1_${port}`, 60 + port, undefined))
  expect(camerasOf([...three, ...back])).toBe(3)
})

it('calls a camera by its name, else by its kind and where it is', () => {
  const camera = '10.0.0.1_40312'
  expect(calledOf({ camera, cameraName: 'Wide', model: 'Pixel 6a' })).toBe('Wide')
  expect(calledOf({ camera, cameraName: null, model: 'Pixel 6a' })).toBe('Pixel 6a 10.0.0.1')
  expect(calledOf({ camera: 'fe80::1_40312', cameraName: null, model: null })).toBe('fe80::1')
  expect(calledOf({ camera: 'k3x9-1', cameraName: null, model: 'iPhone' })).toBe('iPhone k3x9-1')
})
