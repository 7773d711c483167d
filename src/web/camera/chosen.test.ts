import { expect, it } from 'vitest'
import { pictureOf } from './chosen.ts'

const USUAL = { ratio: { width: 16, height: 9 }, shortSide: 720, fps: 30, bitrateMbps: 4, showsTime: false }

it('films as usual when nothing was kept, or nothing that we know', () => {
  for (const text of [
    null,
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"shortSide":-1,"fps":"30","bitrateMbps":1e9,"ratio":{"width":0,"height":0}}',
    '{"ratio":"4:3","showsTime":1}',
  ])
    expect(pictureOf(text)).toEqual(USUAL)
})

it('keeps what was chosen', () => {
  const chosen = { ratio: { width: 1, height: 1 }, shortSide: 1080, fps: 0, bitrateMbps: 8, showsTime: true }
  expect(pictureOf(JSON.stringify(chosen))).toEqual(chosen)
})
