import { afterEach, expect, it, vi } from 'vitest'
import { choosePicture, picture, pictureOf, takeAsked } from './chosen.ts'

const USUAL = { ratio: { width: 16, height: 9 }, shortSide: 720, fps: 30, bitrateMbps: 4, showsTime: false }

afterEach(() => vi.unstubAllGlobals())

it('films as usual when nothing was kept, or nothing that we know', () => {
  for (const text of [
    null,
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"shortSide":-1,"fps":"30","bitrateMbps":1e9,"ratio":{"width":0,"height":0}}',
    '{"ratio":"4:3","showsTime":1,"fps":-1}',
    '{"fps":29.5}',
    '{"fps":1000}',
  ])
    expect(pictureOf(text)).toEqual(USUAL)
})

it('keeps what was chosen', () => {
  const chosen = { ratio: { width: 1, height: 1 }, shortSide: 1080, fps: 20, bitrateMbps: 8, showsTime: true }
  expect(pictureOf(JSON.stringify(chosen))).toEqual(chosen)
})

it('holds to what the operator asked for, goes back to what the holder chose, and keeps that alone', () => {
  const setItem = vi.fn()
  vi.stubGlobal('localStorage', { getItem: () => null, setItem })
  const asked = { ...USUAL, ratio: { width: 1, height: 1 }, fps: 10, bitrateMbps: 1 }
  takeAsked(asked)
  choosePicture({ shortSide: 480 })
  expect(picture.value).toEqual({ ...asked, shortSide: 480 })
  const own = { ...USUAL, shortSide: 480 }
  expect(pictureOf(setItem.mock.lastCall![1])).toEqual(own)
  takeAsked(null)
  expect(picture.value).toEqual(own)
})
