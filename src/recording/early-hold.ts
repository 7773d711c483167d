/**
 * Packets that came ahead of their `capture_started`, in order, from a capture's first packet on.
 *
 * Pure. Bounded in time and bytes: what no `capture_started` claims in time is given up.
 */

import type { PayloadReading } from '../h264/access-unit.ts'
import type { FramePacket } from '../wire/frame-packet.ts'

/** A packet, and when it came by the monotonic clock, in ms. */
export interface Arrived {
  packet: FramePacket
  /** Its payload, looked through once for all who ask. */
  reading: PayloadReading
  arrivalMonotonicMs: number
}

/** What a packet takes in memory besides its payload, about. */
const PACKET_OVERHEAD_BYTES = 256

/** What all cameras may hold together. */
export class EarlyBudget {
  bytes = 0
  readonly maxBytes: number

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }
}

export class EarlyHold {
  readonly #budget: EarlyBudget
  readonly #maxMs: number
  readonly #maxBytes: number
  #held: Arrived[] = []
  #bytes = 0

  /** @param options.budget - Shared with other cameras; left out: none is. */
  constructor(options: { maxMs: number; maxBytes: number; budget?: EarlyBudget | undefined }) {
    this.#budget = options.budget ?? new EarlyBudget(Number.POSITIVE_INFINITY)
    this.#maxMs = options.maxMs
    this.#maxBytes = options.maxBytes
  }

  get isEmpty(): boolean {
    return this.#held.length === 0
  }

  /** undefined when nothing is held. */
  get lastSequence(): number | undefined {
    return this.#held.at(-1)?.packet.sequence
  }

  push(arrived: Arrived): void {
    this.#held.push(arrived)
    const bytes = arrived.packet.payload.length + PACKET_OVERHEAD_BYTES
    this.#bytes += bytes
    this.#budget.bytes += bytes
  }

  /** Whether a bound is passed. */
  isOver(monotonicMs: number): boolean {
    const first = this.#held[0]
    if (!first) return false
    if (this.#bytes > this.#maxBytes || this.#budget.bytes > this.#budget.maxBytes) return true
    return monotonicMs - first.arrivalMonotonicMs > this.#maxMs
  }

  /** Gives out all that is held and forgets it. */
  take(): Arrived[] {
    const held = this.#held
    this.#held = []
    this.#budget.bytes -= this.#bytes
    this.#bytes = 0
    return held
  }
}
