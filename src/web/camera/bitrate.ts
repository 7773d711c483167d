/** The bitrate: as asked, lowered when the way or the phone cannot follow, raised again step by step. Pure. */

/** Bits a second: below this pictures are of no use. */
const LEAST = 300_000
const LOWER = 0.7
/** With `QUIET_LOOKS` from the least to 4 Mbit/s in 36 s; what is too much is noticed before it has cost a picture. */
const RAISE = 1.25
/** Less waits when the way can follow, in ms. */
const WAITING_MS = 2000
/** More pictures in the encoder than this: the phone cannot follow. */
export const MOST_IN_ENCODER = 2
/** Looks, a second apart. */
const GROWING_LOOKS = 3
const BUSY_LOOKS = 2
const QUIET_LOOKS = 3

export interface Load {
  /** Of the pictures that are not sent: how long they last. Null: they do not have their turn yet, which tells nothing. */
  waitingMs: number | null
  /** Most pictures in the encoder since the last look. */
  inEncoder: number
  /** Without a connection all waits, and fewer bits would not help. */
  isConnected: boolean
}

export class Bitrate {
  /** Bits a second. */
  now: number
  #asked: number
  #waitedMs = 0
  #growing = 0
  #busy = 0
  #quiet = 0

  constructor(asked: number) {
    this.now = this.#asked = asked
  }

  get isLowered(): boolean {
    return this.now < this.#asked
  }

  ask(asked: number): void {
    if (asked === this.#asked) return
    this.now = this.#asked = asked
  }

  /** Another capture begins: what hindered the one before may be over. */
  restart(): void {
    this.now = this.#asked
    this.#waitedMs = this.#growing = this.#busy = this.#quiet = 0
  }

  /** Call once a second in a capture. */
  look({ waitingMs, inEncoder, isConnected }: Load): void {
    const isSent = isConnected && waitingMs !== null
    const grows = isSent && waitingMs > WAITING_MS && waitingMs > this.#waitedMs
    this.#waitedMs = waitingMs ?? Number.POSITIVE_INFINITY
    this.#growing = grows ? this.#growing + 1 : 0
    this.#busy = inEncoder > MOST_IN_ENCODER ? this.#busy + 1 : 0
    const isQuiet = isSent && waitingMs < WAITING_MS && this.#busy === 0
    this.#quiet = isQuiet ? this.#quiet + 1 : 0
    if (this.#growing >= GROWING_LOOKS || this.#busy >= BUSY_LOOKS) {
      this.now = Math.min(this.now, Math.max(LEAST, Math.round(this.now * LOWER)))
      this.#growing = this.#busy = 0
    } else if (this.#quiet >= QUIET_LOOKS && this.isLowered) {
      this.now = Math.min(this.#asked, Math.round(this.now * RAISE))
      this.#quiet = 0
    }
  }
}
