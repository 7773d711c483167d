import { expect, it } from 'vitest'
import { PayloadReading } from '../h264/access-unit.ts'
import { EarlyBudget, EarlyHold } from './early-hold.ts'

it('is over when all cameras together hold too much, until others give theirs out', () => {
  const budget = new EarlyBudget(3000)
  const [one, other] = [1, 2].map(() => new EarlyHold({ maxMs: 1000, maxBytes: 10_000, budget })) as [
    EarlyHold,
    EarlyHold,
  ]
  const packet = { captureMs: 0, sequence: 0, payload: new Uint8Array(1500) }
  const reading = new PayloadReading(packet.payload)
  one.push({ packet, reading, arrivalMonotonicMs: 0 })
  expect(one.isOver(0)).toBe(false)
  other.push({ packet, reading, arrivalMonotonicMs: 0 })
  expect(other.isOver(0)).toBe(true)
  one.take()
  expect(other.isOver(0)).toBe(false)
  other.take()
  expect(budget.bytes).toBe(0)
})
