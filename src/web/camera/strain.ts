/** When a phone counts as being at its limit, from what Compute Pressure tells. Pure but for its timer. */

/** Compute Pressure, 5. */
export type Pressure = 'nominal' | 'fair' | 'serious' | 'critical'

/** A moment at the limit is nothing, in ms. */
const STRAINED_MS = 30_000

export class Strain {
  readonly #onChange: (isStrained: boolean) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(onChange: (isStrained: boolean) => void) {
    this.#onChange = onChange
  }

  /** Each sample brings one: the time counts from the first `critical` that nothing else has followed. */
  heard(pressure: Pressure): void {
    if (pressure === 'critical') {
      this.#timer ??= setTimeout(() => this.#onChange(true), STRAINED_MS)
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#onChange(false)
  }
}
