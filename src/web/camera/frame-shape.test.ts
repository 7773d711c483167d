import { describe, expect, it } from 'vitest'
import { shapeOf } from './frame-shape.ts'

describe('the shape of the recorded picture', () => {
  it('is the whole frame without a ratio', () => {
    expect(shapeOf({ width: 1280, height: 720 }, null, 720)).toEqual({
      rect: { x: 0, y: 0, width: 1280, height: 720 },
      width: 1280,
      height: 720,
    })
  })

  it('is the middle of the frame, in the ratio, in even numbers', () => {
    expect(shapeOf({ width: 1280, height: 720 }, { width: 4, height: 3 }, 720)).toEqual({
      rect: { x: 160, y: 0, width: 960, height: 720 },
      width: 960,
      height: 720,
    })
    expect(shapeOf({ width: 640, height: 480 }, { width: 16, height: 9 }, 720)).toEqual({
      rect: { x: 0, y: 60, width: 640, height: 360 },
      width: 640,
      height: 360,
    })
  })

  it('turns with the phone', () => {
    expect(shapeOf({ width: 1080, height: 1920 }, { width: 16, height: 9 }, 720)).toMatchObject({
      width: 720,
      height: 1280,
    })
    expect(shapeOf({ width: 480, height: 640 }, { width: 1, height: 1 }, 720)).toMatchObject({
      width: 480,
      height: 480,
    })
  })

  it('is even and within the frame for every size', () => {
    for (let width = 20; width < 300; width += 31)
      for (let height = 21; height < 300; height += 23)
        for (const ratio of [
          null,
          { width: 4, height: 3 },
          { width: 16, height: 9 },
          { width: 1, height: 1 },
        ]) {
          const { rect, ...size } = shapeOf({ width, height }, ratio, 120)
          for (const value of [...Object.values(rect), size.width, size.height]) expect(value % 2).toBe(0)
          expect(rect.x + rect.width).toBeLessThanOrEqual(width)
          expect(rect.y + rect.height).toBeLessThanOrEqual(height)
          expect(Math.min(size.width, size.height)).toBeLessThanOrEqual(120)
        }
  })
})
