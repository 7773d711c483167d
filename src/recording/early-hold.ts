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

export class EarlyHold {
  readonly #maxMs: number
  readonly #maxBytes: number
  #held: Arrived[] = []
  #bytes = 0

  constructor(options: { maxMs: number; maxBytes: number }) {
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
    this.#bytes += arrived.packet.payload.length + PACKET_OVERHEAD_BYTES
  }

  /** Whether a bound is passed. */
  isOver(monotonicMs: number): boolean {
    const first = this.#held[0]
    if (!first) return false
    return monotonicMs - first.arrivalMonotonicMs > this.#maxMs || this.#bytes > this.#maxBytes
  }

  /** Gives out all that is held and forgets it. */
  take(): Arrived[] {
    const held = this.#held
    this.#held = []
    this.#bytes = 0
    return held
  }
}
