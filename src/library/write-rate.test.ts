import { expect, it } from 'vitest'
import { WriteRate } from './write-rate.ts'

function setUp() {
  const time = { nowMs: 0 }
  const rate = new WriteRate({ wallMs: () => 0, monotonicMs: () => time.nowMs })
  /** Seconds in which so much is written each. */
  const write = (seconds: number, bytes: number) => {
    for (let i = 0; i < seconds; i += 1) {
      rate.wrote(bytes)
      time.nowMs += 1000
      rate.tick()
    }
  }
  return { rate, write }
}

it('is the pace since the beginning at first, then that of the last minute', () => {
  const { rate, write } = setUp()
  expect(rate.perSecond()).toBe(0)
  write(10, 500)
  expect(rate.perSecond()).toBe(500)
  write(300, 1000)
  expect(rate.perSecond()).toBe(1000)
  expect(rate.bytes).toBe(305_000)
})

it('falls to nothing within little more than a minute after the last write', () => {
  const { rate, write } = setUp()
  write(120, 1000)
  write(30, 0)
  expect(rate.perSecond()).toBeGreaterThan(400)
  expect(rate.perSecond()).toBeLessThan(600)
  write(40, 0)
  expect(rate.perSecond()).toBe(0)
})
