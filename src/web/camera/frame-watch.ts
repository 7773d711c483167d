/** Whether the camera still gives frames: one that a call or another app holds up may give none and say nothing. Pure. */

/** Missed when none came for so long, in ms: in the dark phones go down to about five a second. */
const STILL_MS = 2000
/** Where fewer are asked for the camera itself may give no more: so many of their intervals. */
const INTERVALS = 2.5

export class FrameWatch {
  readonly #everyMs: number
  #looks = 0
  #isStill = false

  /** @param everyMs - From look to look. They are counted, not timed: in a phone that sleeps neither looks nor frames come. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  /** No frame came for a while. */
  get isStill(): boolean {
    return this.#isStill
  }

  /** A frame came, or another camera was opened. @returns Whether it ends a standstill. */
  saw(): boolean {
    const wasStill = this.#isStill
    this.#looks = 0
    this.#isStill = false
    return wasStill
  }

  /** Call it every `everyMs`. @param fps - Asked of the camera; 0: its most. */
  look(fps: number): void {
    this.#looks += 1
    const mostMs = fps > 0 ? Math.max(STILL_MS, (INTERVALS * 1000) / fps) : STILL_MS
    this.#isStill = this.#looks * this.#everyMs >= mostMs
  }
}
