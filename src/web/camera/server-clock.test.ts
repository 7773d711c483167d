import { beforeEach, describe, expect, it } from 'vitest'
import { ServerClock } from './server-clock.ts'

let clock: ServerClock

/** An exchange at this time of the phone, in ms; `apartMs`: the wall clock less the one that does not jump. */
function exchange(atMs: number, { aheadMs = 0, roundTripMs = 10, apartMs = 0 }): void {
  const [phoneUs, nowUs] = [(atMs - roundTripMs) * 1000, atMs * 1000]
  const serverUs = (atMs - roundTripMs / 2 + aheadMs) * 1000
  clock.answered({ phoneUs, receivedUs: serverUs, sentUs: serverUs }, nowUs, nowUs + apartMs * 1000)
}

beforeEach(() => {
  clock = new ServerClock()
})

describe('the clock of the server', () => {
  it('is not known before the first exchange, then that of the quickest of ten', () => {
    expect(clock.aheadUs).toBeNull()
    exchange(1000, { aheadMs: 500, roundTripMs: 4 })
    exchange(3000, { aheadMs: 520, roundTripMs: 40 })
    expect(clock.aheadUs).toBe(500_000)
    for (let i = 0; i < 9; i += 1) exchange(5000 + i * 2000, { aheadMs: 510, roundTripMs: 20 })
    expect(clock.aheadUs).toBe(510_000)
  })

  it('is learnt anew on a new connection, and holds until then', () => {
    exchange(1000, { aheadMs: 500, roundTripMs: 4 })
    clock.reconnected()
    expect(clock.aheadUs).toBe(500_000)
    exchange(90_000, { aheadMs: 600, roundTripMs: 40 })
    expect(clock.aheadUs).toBe(600_000)
  })

  it('is learnt anew behind a sleep, in which one clock stood still', () => {
    exchange(1000, { aheadMs: 500, roundTripMs: 4 })
    // Asked before it slept for a minute.
    exchange(3000, { aheadMs: 500, roundTripMs: 2, apartMs: 60_000 })
    expect(clock.aheadUs).toBe(500_000)
    exchange(5000, { aheadMs: 60_500, roundTripMs: 40, apartMs: 60_000 })
    expect(clock.aheadUs).toBe(60_500_000)
  })

  it('lives with clocks that are slewed', () => {
    exchange(1000, { aheadMs: 500, roundTripMs: 4 })
    for (let i = 0; i < 5; i += 1) exchange(3000 + i * 2000, { aheadMs: 520, apartMs: i * 50 })
    expect(clock.aheadUs).toBe(500_000)
  })
})
