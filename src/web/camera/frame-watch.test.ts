import { expect, it } from 'vitest'
import { FrameWatch } from './frame-watch.ts'

const EVERY_MS = 250
/** Looks until it stands still; frames come every so many ms, 0: never. */
function looksUntilStill(fps: number, frameEveryMs: number, mostLooks = 400): number {
  const watch = new FrameWatch(EVERY_MS)
  watch.saw()
  for (let look = 1; look <= mostLooks; look += 1) {
    watch.look(fps)
    if (watch.isStill) return look
    if (frameEveryMs > 0 && (look * EVERY_MS) % frameEveryMs === 0) watch.saw()
  }
  return Number.POSITIVE_INFINITY
}

it('misses frames after two seconds, whatever rate was asked', () => {
  for (const fps of [0, 1.25, 10, 30, 120]) expect(looksUntilStill(fps, 0) * EVERY_MS).toBe(2000)
})

it('takes neither the dark nor a rate below one a second for a standstill', () => {
  expect(looksUntilStill(30, 250)).toBe(Number.POSITIVE_INFINITY)
  expect(looksUntilStill(30, 1750)).toBe(Number.POSITIVE_INFINITY)
  expect(looksUntilStill(1, 1000)).toBe(Number.POSITIVE_INFINITY)
  expect(looksUntilStill(0.2, 5000)).toBe(Number.POSITIVE_INFINITY)
  expect(looksUntilStill(0.2, 0) * EVERY_MS).toBe(12_500)
})

it('counts nothing of the time in which the phone slept, and tells the frame that ends a standstill', () => {
  const watch = new FrameWatch(EVERY_MS)
  // However long it was: one look is late, and comes once.
  for (let look = 0; look < 7; look += 1) watch.look(30)
  expect([watch.isStill, watch.saw()]).toEqual([false, false])
  for (let look = 0; look < 8; look += 1) watch.look(30)
  expect([watch.isStill, watch.saw(), watch.isStill, watch.saw()]).toEqual([true, true, false, false])
})
