/**
 * How much may wait in the browser's socket: what goes out in half a second, so that what shows viewers the present, and is put
 * behind it, leaves soon. Pure.
 */

/** Bytes: a keyframe and what else comes in a moment; a tenth of a second at 8 Mbit/s. */
const LEAST = 96 * 1024
/** Bytes: all that a quick network takes between two looks. */
const MOST = 768 * 1024
const WAIT_MS = 500
const LOOK_MS = 250

export class SocketRoom {
  bytes = LEAST
  #handedBytes = 0
  #last: { atMs: number; goneBytes: number } | undefined

  /** So many bytes were given to the socket. */
  handed(bytes: number): void {
    this.#handedBytes += bytes
  }

  /** @param bufferedBytes - What the socket says of itself. Call it a few times a second. */
  look(bufferedBytes: number, nowMs: number): void {
    const goneBytes = this.#handedBytes - bufferedBytes
    const last = this.#last
    // The clock may be set back.
    const tookMs = last ? Math.abs(nowMs - last.atMs) : 0
    if (last && tookMs < LOOK_MS) return
    this.#last = { atMs: nowMs, goneBytes }
    if (!last) return
    const fitting = ((goneBytes - last.goneBytes) / tookMs) * WAIT_MS
    // One that is empty would have taken more.
    const wanted = bufferedBytes === 0 ? Math.max(fitting, this.bytes * 2) : fitting
    this.bytes = Math.round(Math.min(MOST, Math.max(LEAST, wanted)))
  }
}
