import { describe, expect, it } from 'vitest'
import { CaptureTimes } from './capture-times.ts'
import { ServerClock } from './server-clock.ts'

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

describe("the server's clock", () => {
  it('is known by the quickest of the last ten exchanges', () => {
    const clock = new ServerClock()
    expect(clock.aheadUs).toBeNull()
    clock.answered({ phoneUs: 0, receivedUs: 5000, sentUs: 5100 }, 2100)
    expect(clock.aheadUs).toBe(4000)
    clock.answered({ phoneUs: 10_000, receivedUs: 19_000, sentUs: 19_000 }, 20_000)
    expect(clock.aheadUs).toBe(4000)
    for (let i = 0; i < 10; i += 1) clock.answered({ phoneUs: 0, receivedUs: 9000, sentUs: 9000 }, 10_000)
    expect(clock.aheadUs).toBe(4000)
    clock.answered({ phoneUs: 0, receivedUs: 504, sentUs: 504 }, 1000)
    expect(clock.aheadUs).toBe(4)
  })
})
