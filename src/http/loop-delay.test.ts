import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../test/support/until.ts'
import { LoopDelay } from './loop-delay.ts'

it('shows nothing before the first measure, and then the longest time that the loop was held up', async () => {
  const delay = new LoopDelay()
  onTestFinished(() => delay.close())
  expect(delay.read()).toEqual({ mean: 0, p50: 0, p99: 0, max: 0 })
  // Begun before the first measure, a delay would not be seen.
  await until('a measure', () => delay.read().mean > 0)
  const endMs = performance.now() + 200
  while (performance.now() < endMs);
  await until('the delay', () => delay.read().max > 0.15)
  expect(delay.read().max).toBeLessThan(30)
})
