/** How late the event loop comes to its work: what every camera waits, when it waits. */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the delay is measured, in ms; the system's figures include it. */
const RESOLUTION_MS = 20
/** Figures are of the last one to two times this, in ms. */
const WINDOW_MS = 30_000

/** In seconds. */
export interface DelayFigures {
  mean: number
  p50: number
  p99: number
  max: number
}

/** Two measure side by side, each begun half a life after the other: one that is reset loses the delay it is in. */
export class LoopDelay {
  #older = begun()
  #younger = begun()
  readonly #timer = setInterval(() => {
    this.#older.disable()
    this.#older = this.#younger
    this.#younger = begun()
  }, WINDOW_MS).unref()

  /** Of the last half to whole minute. */
  read(): DelayFigures {
    const histogram = this.#older
    return {
      mean: seconds(histogram.mean),
      p50: seconds(histogram.percentile(50)),
      p99: seconds(histogram.percentile(99)),
      max: seconds(histogram.max),
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#older.disable()
    this.#younger.disable()
  }
}

function begun(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return histogram
}

/** @param measuredNs - NaN before the first measure. */
function seconds(measuredNs: number): number {
  const delayMs = measuredNs / 1e6 - RESOLUTION_MS
  return delayMs > 0 ? delayMs / 1000 : 0
}
