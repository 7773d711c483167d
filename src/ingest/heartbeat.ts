/** Finds out that a peer has gone without a word: it answers no ping, and sends nothing else. */

/** So many intervals without a sign of life are a death. */
const MISSES = 2

export interface HeartbeatOptions {
  /** From one ping to the next, in ms. */
  intervalMs: number
  ping: () => void
  /** Bytes that have come so far, of whatever kind. */
  bytesRead: () => number
  /** We do not read ourselves: that nothing comes says nothing. */
  isPaused: () => boolean
  /** Told once. */
  onDead: () => void
}

export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #timer: NodeJS.Timeout
  #bytesSeen = 0
  #misses = 0
  #stopped = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#bytesSeen = options.bytesRead()
    this.#timer = setInterval(() => this.#beat(), options.intervalMs)
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  #beat(): void {
    if (this.#isQuiet()) this.#misses += 1
    if (this.#misses < MISSES) {
      this.#options.ping()
      return
    }
    // After a time in which this process itself stood still, what came meanwhile is read first.
    setImmediate(() => {
      if (this.#stopped || !this.#isQuiet()) return
      this.stop()
      this.#options.onDead()
    })
  }

  #isQuiet(): boolean {
    const bytes = this.#options.bytesRead()
    const isQuiet = bytes === this.#bytesSeen && !this.#options.isPaused()
    this.#bytesSeen = bytes
    if (!isQuiet) this.#misses = 0
    return isQuiet
  }
}
