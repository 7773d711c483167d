/** What is told of one camera's stream: rate, delay, lateness. Pure: clocks are given. */

/** A second's figures. */
export interface Figures {
  /** Pictures drawn in the last second. */
  fps: number
  /** From the server's having it to its being drawn, ms, the mean of the last second; undefined without pictures. */
  delayMs: number | undefined
  /** From its coming here to its leaving the decoder, ms, the worst of the last second. */
  lateMs: number
}

/** What the figures are of. */
export const WINDOW_MS = 1000

export class StreamFigures {
  /** The server's wall clock less ours, ms: the most that was seen, whose message was the shortest under way. */
  #aheadMs: number | undefined
  #drawn: { atMs: number; delayMs: number | undefined; lateMs: number }[] = []

  /** A message of the server told its clock. */
  clock(serverMs: number, wallMs: number): void {
    this.#aheadMs = Math.max(this.#aheadMs ?? Number.NEGATIVE_INFINITY, serverMs - wallMs)
  }

  /** How old a picture is that comes in now, ms: of the newest ones little, of those that the server kept more. */
  ageMs(arrivalMs: number, wallMs: number): number {
    return this.#aheadMs === undefined ? 0 : Math.max(0, wallMs + this.#aheadMs - arrivalMs)
  }

  /**
   * A picture left the decoder.
   *
   * @param times.arrivalMs - At the server, its wall clock.
   * @param times.receivedMs - Here, as `nowMs`.
   */
  drawn(times: { arrivalMs: number; receivedMs: number; nowMs: number; wallMs: number }): void {
    const { arrivalMs, receivedMs, nowMs, wallMs } = times
    const delayMs = this.#aheadMs === undefined ? undefined : this.ageMs(arrivalMs, wallMs)
    this.#drawn.push({ atMs: nowMs, delayMs, lateMs: nowMs - receivedMs })
  }

  /**
   * Of the second before `nowMs`.
   *
   * @param waitingSinceMs - When the oldest picture that is still in the decoder came in.
   */
  read(nowMs: number, waitingSinceMs: number | undefined): Figures {
    this.#drawn = this.#drawn.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS)
    const delays = this.#drawn.flatMap(({ delayMs }) => delayMs ?? [])
    const waiting = waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs
    return {
      fps: this.#drawn.length,
      delayMs: delays.length === 0 ? undefined : delays.reduce((sum, ms) => sum + ms, 0) / delays.length,
      lateMs: Math.max(waiting, ...this.#drawn.map(({ lateMs }) => lateMs)),
    }
  }
}
