import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { QUIET_MODULES, qrPath } from './qr-path.ts'

it('draws runs of dark modules, inside a quiet zone', () => {
  const { path, side } = qrPath([
    [true, true, false],
    [false, false, false],
    [true, false, true],
  ])
  expect(path).toBe('M4 4h2v1h-2zM4 6h1v1h-1zM6 6h1v1h-1z')
  expect(side).toBe(11)
})

it('draws every module of a real code, and no other', () => {
  const { data } = encode('ws://192.168.1.20:50001/android-cam?key=abc', { border: 0 })
  const { path, side } = qrPath(data)
  const drawn = Array.from({ length: side }, () => Array<boolean>(side).fill(false))
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let i = 0; i < Number(width); i += 1) drawn[Number(y)]![Number(x) + i] = true
  const inside = drawn
    .slice(QUIET_MODULES, -QUIET_MODULES)
    .map((row) => row.slice(QUIET_MODULES, -QUIET_MODULES))
  expect(inside).toEqual(data)
})
