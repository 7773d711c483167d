import { describe, expect, it } from 'vitest'
import { meanFps, pictureTimeMs, selectExpression, throttleOf } from './camera-times.ts'

/** Camera frames from picture to picture. */
function steps(fps: number, count: number, nativeFps?: number): number[] {
  const throttle = throttleOf(fps, nativeFps)
  const frame = (index: number) => Math.round((pictureTimeMs(throttle, index) * throttle.nativeFps) / 1000)
  return Array.from({ length: count }, (_, i) => frame(i + 1) - frame(i))
}

describe('throttleOf', () => {
  it.each([
    [10, [3, 3, 4, 3, 3, 4]],
    [15, [2, 2, 3, 2, 2, 3]],
    [20, [2, 2, 2, 2, 2, 2]],
    [29, [2, 2, 2, 2, 2, 2]],
    [30, [1, 1, 1, 1, 1, 1]],
    [60, [1, 1, 1, 1, 1, 1]],
    [0, [1, 1, 1, 1, 1, 1]],
    [0.2, [150, 150, 151, 150, 150, 151]],
  ])('sends %d fps of a 30 fps camera at whole camera frames', (fps, expected) => {
    expect(steps(fps, 6)).toEqual(expected)
  })

  it('knows faster cameras', () => {
    expect(pictureTimeMs(throttleOf(240, 240), 240)).toBe(1000)
  })

  it('tells its mean rate', () => {
    expect(meanFps(throttleOf(10))).toEqual({ numerator: 90, denominator: 10 })
    expect(meanFps(throttleOf(20))).toEqual({ numerator: 30, denominator: 2 })
  })
})

describe('selectExpression', () => {
  it.each([10, 15, 20, 0, 0.2, 7])('selects the frames of %d fps', (fps) => {
    const throttle = throttleOf(fps)
    const expected = Array.from({ length: 40 }, (_, i) => Math.round(pictureTimeMs(throttle, i) * 0.03))
    // ffmpeg's expression language, as far as it is used.
    const evaluate = new Function('n', 'mod', 'lt', 'not', `return ${selectExpression(throttle)}`)
    const selects = (n: number) =>
      Boolean(
        evaluate(
          n,
          (a: number, b: number) => a % b,
          (a: number, b: number) => Number(a < b),
          (a: number) => Number(!a),
        ),
      )
    const selected = Array.from({ length: expected.at(-1)! + 1 }, (_, n) => n).filter(selects)
    expect(selected).toEqual(expected)
  })
})
