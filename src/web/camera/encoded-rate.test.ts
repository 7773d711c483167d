import { expect, it } from 'vitest'
import { EncodedRate } from './encoded-rate.ts'

const SIZE = { width: 640, height: 480 }

it('tells what goes out, and nothing once the last picture is long past', () => {
  const rate = new EncodedRate()
  expect(rate.at(0)).toBeNull()
  for (let i = 0; i <= 25; i += 1) rate.add(i * 40_000, 5000, SIZE)
  expect(rate.at(1_000_000)).toEqual({ ...SIZE, fps: 25, mbps: 1 })
  expect(rate.at(3_900_000)).not.toBeNull()
  expect(rate.at(4_100_000)).toBeNull()
})
