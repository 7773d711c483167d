import { describe, expect, it } from 'vitest'
import { PictureRate } from './picture-rate.ts'

/** How many of ten seconds' pictures stay. */
function staying(cameraFps: number, fps: number, jitterUs = 0): number {
  const rate = new PictureRate()
  const times = Array.from({ length: cameraFps * 10 }, (_, i) => (i * 1e6) / cameraFps + (i % 2) * jitterUs)
  return times.filter((us) => rate.takes(us, fps)).length
}

describe('the picture rate', () => {
  it('is as asked where the camera gives more', () => {
    expect(staying(30, 10)).toBe(100)
    expect(staying(30, 20)).toBeCloseTo(200, -1)
    expect(staying(60, 25)).toBeCloseTo(250, -1)
  })

  it('keeps all where the camera gives no more, though it is not exact', () => {
    expect(staying(30, 30, 4000)).toBe(300)
    expect(staying(20, 30)).toBe(200)
    expect(staying(30, 0)).toBe(300)
  })

  it('does not make up for pictures that never came', () => {
    const rate = new PictureRate()
    expect(rate.takes(0, 10)).toBe(true)
    expect([5e6, 5.03e6, 5.06e6, 5.1e6].map((us) => rate.takes(us, 10))).toEqual([true, false, false, true])
  })
})
