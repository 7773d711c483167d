import { expect, it } from 'vitest'
import { healthOf } from './health.ts'

const well = { dataFault: undefined, freeBytes: 1e12, leastFreeBytes: 1e6, loopDelaySeconds: 0.01 }

it('is ready when nothing is wrong, and where the system does not say what is free', () => {
  expect(healthOf(well)).toEqual({ live: true, ready: true, reasons: [] })
  expect(healthOf({ ...well, freeBytes: undefined }).ready).toBe(true)
})

it.each([
  [{ dataFault: 'EROFS' }, 'data-folder-not-writable', 'the data folder takes no file: EROFS'],
  [{ freeBytes: 999_999 }, 'space-low', '999999 bytes are free, at least 1000000 are needed'],
  [{ loopDelaySeconds: 1.26 }, 'event-loop-late', 'the server came 1.3 s late to its work'],
])('is live but not ready with %o', (wrong, code, message) => {
  expect(healthOf({ ...well, ...wrong })).toEqual({ live: true, ready: false, reasons: [{ code, message }] })
})

it('names all that is wrong', () => {
  const { reasons } = healthOf({ dataFault: 'EIO', freeBytes: 0, leastFreeBytes: 1, loopDelaySeconds: 9 })
  expect(reasons).toHaveLength(3)
})
