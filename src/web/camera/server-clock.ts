/** How far the server's clock is ahead of this device's, from exchanges of times (as NTP does, RFC 5905, 8). */

/** Exchanges that count. */
const KEPT = 10
/** Both clocks of this device drift less in two seconds, µs: more, and it slept, or one of them was set. */
const APART_US = 100_000

/** This device's time, µs since 1970; it does not jump when the clock is set. */
export function deviceUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

export class ServerClock {
  #exchanges: { aheadUs: number; roundTripUs: number }[] = []
  /** Those there are go with the next that comes. */
  #areOld = false
  /** The wall clock less the one that does not jump, µs, at the latest exchange. */
  #apartUs: number | undefined

  /** Of the quickest of the last exchanges, µs; null before the first. */
  get aheadUs(): number | null {
    if (this.#exchanges.length === 0) return null
    return this.#exchanges.reduce((a, b) => (b.roundTripUs < a.roundTripUs ? b : a)).aheadUs
  }

  /** There is a new connection: the clocks may have gone apart while there was none. What is known holds until an answer comes. */
  reconnected(): void {
    this.#areOld = true
  }

  /**
   * The server has answered. A clock that does not jump may stand still while the device sleeps: an answer to what was asked
   * before counts for nothing.
   *
   * @param answer - `phoneUs`: when it was asked, by this device's clock.
   * @param nowUs - When the answer came, by this device's clock.
   * @param wallUs - The same by `Date.now`.
   */
  answered(
    answer: { phoneUs: number; receivedUs: number; sentUs: number },
    nowUs: number,
    wallUs: number,
  ): void {
    const { phoneUs, receivedUs, sentUs } = answer
    const apartUs = wallUs - nowUs
    const hasJumped = Math.abs(apartUs - (this.#apartUs ?? apartUs)) > APART_US
    this.#apartUs = apartUs
    if (hasJumped) {
      this.#areOld = true
      return
    }
    if (this.#areOld) this.#exchanges = []
    this.#areOld = false
    const roundTripUs = nowUs - phoneUs - (sentUs - receivedUs)
    const aheadUs = (receivedUs - phoneUs + sentUs - nowUs) / 2
    this.#exchanges.push({ aheadUs, roundTripUs })
    if (this.#exchanges.length > KEPT) this.#exchanges.shift()
  }
}
