import { afterEach, expect, it, vi } from 'vitest'
import { Strain } from './strain.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('is told after half a minute at the limit, however many samples say so, and until one says otherwise', () => {
  vi.useFakeTimers()
  let isStrained = false
  const strain = new Strain((is) => {
    isStrained = is
  })
  const hearFor = (seconds: number, pressure: 'critical' | 'serious') => {
    for (let i = 0; i < seconds; i += 5) {
      strain.heard(pressure)
      vi.advanceTimersByTime(5000)
    }
  }
  hearFor(25, 'critical')
  expect(isStrained).toBe(false)
  hearFor(10, 'critical')
  expect(isStrained).toBe(true)
  hearFor(5, 'serious')
  expect(isStrained).toBe(false)
  hearFor(25, 'critical')
  hearFor(5, 'serious')
  hearFor(25, 'critical')
  expect(isStrained).toBe(false)
})
