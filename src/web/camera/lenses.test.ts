import { expect, it } from 'vitest'
import { lensNames } from './lens-names.ts'
import { constraintsOf, type Lens, otherLens, ratesWithin, sizeConstraints, within } from './lenses.ts'

const PICTURE = { ratio: { width: 16, height: 9 }, shortSide: 720, fps: 30, bitrateMbps: 4, showsTime: false }
const lens = (deviceId: string, facing: Lens['facing'], label = ''): Lens => ({ deviceId, facing, label })
const WORDS = {
  back: 'Back',
  front: 'Front',
  unnamed: 'Camera',
  numbered: (name: string, n: number) => `${name} ${n}`,
}

it('asks for the size along the longer side, and for a square from 4:3', () => {
  const sizeOf = (width: number, height: number) => {
    const { width: w, height: h } = sizeConstraints({ ...PICTURE, ratio: { width, height } })
    return [w, h]
  }
  expect(sizeOf(16, 9)).toEqual([{ ideal: 1280 }, { ideal: 720 }])
  expect(sizeOf(9, 16)).toEqual([{ ideal: 1280 }, { ideal: 720 }])
  expect(sizeOf(4, 3)).toEqual([{ ideal: 960 }, { ideal: 720 }])
  expect(sizeOf(1, 1)).toEqual([{ ideal: 960 }, { ideal: 720 }])
})

it('asks for nothing that it must have, but for a lens that was chosen', () => {
  const any = JSON.stringify(constraintsOf({ deviceId: null, facing: 'user' }, { ...PICTURE, fps: 0 }))
  expect(any).not.toMatch(/exact|min|max/)
  expect(any).toContain('"facingMode":{"ideal":"user"}')
  const chosen = constraintsOf({ deviceId: 'b2', facing: 'environment' }, PICTURE)
  expect(chosen).toMatchObject({ deviceId: { exact: 'b2' } })
  expect(chosen).not.toHaveProperty('facingMode')
})

it('changes to a lens that looks the other way, else to the next', () => {
  const phone = [lens('f', 'user'), lens('b1', 'environment'), lens('b2', 'environment')]
  expect(otherLens(phone, 'b2')?.deviceId).toBe('f')
  expect(otherLens(phone, 'f')?.deviceId).toBe('b1')
  const desk = [lens('a', null), lens('b', null)]
  expect(otherLens(desk, 'b')?.deviceId).toBe('a')
  expect(otherLens(desk, undefined)?.deviceId).toBe('a')
  expect(otherLens([lens('a', null)], 'a')).toBeUndefined()
  expect(otherLens([], undefined)).toBeUndefined()
})

it('offers what the phone reaches, and always something', () => {
  expect(within([360, 720, 1080], 720)).toEqual([360, 720])
  expect(within([360, 720], undefined)).toEqual([360, 720])
  expect(within([360, 720], 96)).toEqual([360])
  expect(within([24, 30], 29.97)).toEqual([24, 30])
})

it("offers the camera's own most, whatever is set just now", () => {
  const rates = [10, 15, 24, 30, 60]
  expect(ratesWithin(rates, [10, 30, undefined])).toEqual([10, 15, 24, 30])
  expect(ratesWithin(rates, [20, undefined, 20])).toEqual([10, 15, 20])
  expect(ratesWithin(rates, [29.97])).toEqual([10, 15, 24, 30])
  expect(ratesWithin(rates, [undefined, 0])).toEqual(rates)
})

it('names each lens so that a person knows it, and no two the same', () => {
  const android = [
    lens('1', 'user', 'camera2 1, facing front'),
    lens('0', 'environment', 'camera2 0, facing back'),
    lens('2', 'environment', 'camera2 2, facing back'),
  ]
  expect(lensNames(android, WORDS)).toEqual(['Front', 'Back 1', 'Back 2'])
  const iphone = [lens('a', 'environment', 'Back Ultra Wide Camera'), lens('b', 'user', 'Front Camera')]
  expect(lensNames(iphone, WORDS)).toEqual(['Back Ultra Wide Camera', 'Front Camera'])
  expect(lensNames([lens('a', null)], WORDS)).toEqual(['Camera'])
})
