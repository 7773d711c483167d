/** Packets that no recording takes: pictures are counted, parameter sets are learned for a recording that comes late. */

import type { AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import type { Log } from '../log.ts'
import type { Codec } from './codec.ts'

export class Unclaimed {
  readonly #codec: Codec
  readonly #log: Log
  readonly #camera: string
  /** Pictures, since the camera connected. */
  pictures = 0
  /** Pictures in a row. */
  #burst = 0

  constructor(codec: Codec, log: Log, camera: string) {
    this.#codec = codec
    this.#log = log
    this.#camera = camera
  }

  /**
   * Counts what was dropped. A warning for each burst, at its beginning.
   *
   * @param isExplained - The log knows already why nothing is recorded.
   */
  drop(reading: PayloadReading, isExplained: boolean): void {
    if (!this.learn(reading)?.picture) return
    if (this.#burst === 0 && !isExplained)
      this.#log.warn(
        { camera: this.#camera },
        'pictures come, but the camera did not say capture_started: dropped',
      )
    this.pictures += 1
    this.#burst += 1
  }

  /** Keeps its parameter sets, which may be the only ones that come; gives its access unit, if it can be read. */
  learn(reading: PayloadReading): AccessUnit | undefined {
    const unit = reading.unitIfAny
    try {
      if (unit?.parameterSets) this.#codec.learn(unit)
    } catch {
      // Sets that cannot be read are dropped like the rest.
    }
    return unit
  }

  /** Something else begins: tells how many there were. */
  endBurst(): void {
    if (this.#burst > 1)
      this.#log.info(
        { camera: this.#camera, pictures: this.#burst },
        'dropped pictures that no recording was open for',
      )
    this.#burst = 0
  }
}
