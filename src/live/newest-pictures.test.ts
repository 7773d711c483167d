import { expect, it } from 'vitest'
import { NewestPictures } from './newest-pictures.ts'

it('keeps one picture of each camera, and of all no more than it may', () => {
  const pictures = new NewestPictures(100)
  const sizes = () => ['a', 'b', 'c'].map((camera) => pictures.of(camera)?.length)
  pictures.keep('a', new Uint8Array(40))
  pictures.keep('b', new Uint8Array(40))
  pictures.keep('a', new Uint8Array(60))
  expect(sizes()).toEqual([60, 40, undefined])
  // b came longest ago.
  pictures.keep('c', new Uint8Array(1))
  expect(sizes()).toEqual([60, undefined, 1])
  pictures.keep('c', new Uint8Array(101))
  expect(sizes()).toEqual([undefined, undefined, undefined])
  pictures.keep('b', new Uint8Array(100))
  pictures.drop('b')
  pictures.drop('b')
  pictures.keep('a', new Uint8Array(100))
  expect(sizes()).toEqual([100, undefined, undefined])
})
