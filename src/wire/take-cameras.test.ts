import { expect, it } from 'vitest'
import { camerasOf } from './take-cameras.ts'

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
