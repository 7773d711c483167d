import { describe, expect, it } from 'vitest'
import { CaptureTimes } from './capture-times.ts'

describe('capture times', () => {
  it('differ as the timestamps do, whenever the frames come', () => {
    const times = new CaptureTimes()
    expect(times.place(5000, 1_000_000_000)).toBe(1_000_000_000)
    expect(times.place(38_333, 1_000_090_000)).toBe(1_000_033_333)
  })

  it('grow strictly: a frame that is no later is none', () => {
    const times = new CaptureTimes()
    times.place(5000, 1_000_000_000)
    expect(times.place(5000, 1_000_030_000)).toBeUndefined()
    expect(times.place(4000, 1_000_030_000)).toBeUndefined()
    expect(times.place(5001, 1_000_030_000)).toBe(1_000_000_001)
  })

  it('go on when another camera counts from elsewhere, or the same one anew', () => {
    const times = new CaptureTimes()
    times.place(90_000_000, 1_000_000_000)
    times.restart()
    expect(times.place(7, 1_000_000_000)).toBe(1_000_000_001)
    expect(times.place(60_000_000, 1_005_000_000)).toBe(1_005_000_000)
  })
})
