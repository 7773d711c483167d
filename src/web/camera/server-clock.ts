/** How far the server's clock is ahead of this device's, from exchanges of times (as NTP does, RFC 5905, 8). */

/** Exchanges that count. */
const KEPT = 10

/** This device's time, µs since 1970; it does not jump when the clock is set. */
export function deviceUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

export class ServerClock {
  readonly #exchanges: { aheadUs: number; roundTripUs: number }[] = []

  /** Of the quickest of the last exchanges, µs; null before the first. */
  get aheadUs(): number | null {
    if (this.#exchanges.length === 0) return null
    return this.#exchanges.reduce((a, b) => (b.roundTripUs < a.roundTripUs ? b : a)).aheadUs
  }

  /** The server has answered. `phoneUs`: when it was asked; `nowUs`: when the answer came, by this device's clock. */
  answered(answer: { phoneUs: number; receivedUs: number; sentUs: number }, nowUs: number): void {
    const { phoneUs, receivedUs, sentUs } = answer
    const roundTripUs = nowUs - phoneUs - (sentUs - receivedUs)
    const aheadUs = (receivedUs - phoneUs + sentUs - nowUs) / 2
    this.#exchanges.push({ aheadUs, roundTripUs })
    if (this.#exchanges.length > KEPT) this.#exchanges.shift()
  }
}
