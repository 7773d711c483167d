/** Packets that no recording takes: pictures are counted, parameter sets are learned for a recording that comes late. */

import type { AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import type { Log } from '../log.ts'
import type { Codec } from './codec.ts'
import type { Arrived } from './early-hold.ts'

/** A burst is over when no picture came for this long, in ms: so slow is hardly a camera. */
const BURST_PAUSE_MS = 2000
/** Of a slower one: for so many of its intervals, and at most so long, in ms. Else each of its pictures were a burst. */
const BURST_INTERVALS = 3
const MAX_BURST_PAUSE_MS = 60_000

export class Unclaimed {
  readonly #codec: Codec
  readonly #log: Log
  readonly #camera: string
  /** Pictures, since the camera connected. */
  pictures = 0
  /** Pictures of the burst: they came without a recording between them, and without a pause. */
  #burst = 0
  /** When the last one came, by the monotonic clock in ms. */
  #lastMs = Number.NEGATIVE_INFINITY
  #pauseMs = BURST_PAUSE_MS

  constructor(codec: Codec, log: Log, camera: string) {
    this.#codec = codec
    this.#log = log
    this.#camera = camera
  }

  /**
   * Counts what was dropped. A warning for each burst, at its beginning.
   *
   * A burst ends with a recording, with the connection, and by a pause: of two seconds, or three of the camera's intervals.
   *
   * @param isExplained - The log knows already why nothing is recorded.
   */
  drop({ reading, arrivalMonotonicMs }: Arrived, isExplained: boolean): void {
    if (!this.learn(reading)?.picture) return
    this.tick(arrivalMonotonicMs)
    const intervalMs = arrivalMonotonicMs - this.#lastMs
    this.#pauseMs = Math.min(Math.max(BURST_PAUSE_MS, BURST_INTERVALS * intervalMs), MAX_BURST_PAUSE_MS)
    this.#lastMs = arrivalMonotonicMs
    if (this.#burst === 0 && !isExplained)
      this.#log.warn(
        { camera: this.#camera },
        'pictures come, but the camera did not say capture_started: dropped',
      )
    this.pictures += 1
    this.#burst += 1
  }

  /** Ends a burst that no picture came to for long enough; by the monotonic clock. */
  tick(nowMs: number): void {
    if (nowMs - this.#lastMs > this.#pauseMs) this.endBurst()
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
