/** Counts failures by address, so that guessing becomes slow. */

import { isIPv6 } from 'node:net'
import type { Clock } from '../time.ts'

export interface FailureLimiterOptions {
  clock: Clock
  /** Failures of one address within `windowMs` from which on it is blocked. */
  maxFailures: number
  /** From its first failure on; after it an address begins anew. */
  windowMs: number
  /** At most this many are remembered; then the oldest is forgotten. */
  maxAddresses: number
}

export class FailureLimiter {
  readonly #options: FailureLimiterOptions
  /** In the order of their first failures, so in that of their ends. */
  readonly #counts = new Map<string, { failures: number; endsMs: number }>()

  constructor(options: FailureLimiterOptions) {
    this.#options = options
  }

  /** Counts a failure. @returns How many there were within the window, this one included. */
  add(address: string): number {
    const { clock, windowMs, maxAddresses } = this.#options
    const key = networkOf(address)
    const nowMs = clock.monotonicMs()
    for (const [oldest, { endsMs }] of this.#counts) {
      if (endsMs > nowMs && this.#counts.size < maxAddresses) break
      this.#counts.delete(oldest)
    }
    const count = this.#counts.get(key) ?? { failures: 0, endsMs: nowMs + windowMs }
    count.failures += 1
    this.#counts.set(key, count)
    return count.failures
  }

  /** Whole seconds for which an address is blocked; 0 when it is not. */
  blockedForSeconds(address: string): number {
    const count = this.#counts.get(networkOf(address))
    if (!count || count.failures < this.#options.maxFailures) return 0
    return Math.max(0, Math.ceil((count.endsMs - this.#options.clock.monotonicMs()) / 1000))
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#counts.size
  }
}

/** One IPv6 customer has a /64 at least: its first four groups. IPv4 as it is. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [before, behind] = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const zeros = behind === undefined ? 0 : Math.max(0, 8 - before!.length - behind.length)
  return [...before!, ...Array<string>(zeros).fill('0'), ...(behind ?? [])]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
