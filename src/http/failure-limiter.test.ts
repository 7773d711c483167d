import { expect, it } from 'vitest'
import { FailureLimiter } from './failure-limiter.ts'

function limiter(maxAddresses = 100) {
  const now = { ms: 0 }
  const clock = { wallMs: () => 0, monotonicMs: () => now.ms }
  return { now, limiter: new FailureLimiter({ clock, maxFailures: 3, windowMs: 60_000, maxAddresses }) }
}

it('blocks an address after so many failures, until the window has passed', () => {
  const { now, limiter: failures } = limiter()
  expect([1, 2, 3].map(() => failures.add('192.0.2.1'))).toEqual([1, 2, 3])
  expect(failures.blockedForSeconds('192.0.2.1')).toBe(60)
  expect(failures.blockedForSeconds('192.0.2.2')).toBe(0)
  now.ms = 59_001
  expect(failures.blockedForSeconds('192.0.2.1')).toBe(1)
  now.ms = 60_000
  expect(failures.blockedForSeconds('192.0.2.1')).toBe(0)
  expect(failures.add('192.0.2.1')).toBe(1)
})

it('takes the addresses that one IPv6 customer has for one', () => {
  const { limiter: failures } = limiter()
  for (const address of ['2001:db8:0:1::1', '2001:db8:0:1:2:3:4:5', '2001:0db8::1:0:0:0:9'])
    failures.add(address)
  expect(failures.size).toBe(1)
  expect(failures.blockedForSeconds('2001:db8:0:1:ffff::')).toBe(60)
  expect(failures.blockedForSeconds('2001:db8:0:2::1')).toBe(0)
  expect(failures.blockedForSeconds('2001:db8::1')).toBe(0)
})

it('remembers no more addresses than it may, and forgets the oldest first', () => {
  const { now, limiter: failures } = limiter(10)
  for (let i = 0; i < 10_000; i += 1) failures.add(`10.0.${i >> 8}.${i & 255}`)
  expect(failures.size).toBe(10)
  expect(failures.add('10.0.39.15')).toBe(2)
  expect(failures.add('10.0.0.0')).toBe(1)
  now.ms = 60_000
  failures.add('192.0.2.1')
  expect(failures.size).toBe(1)
})
