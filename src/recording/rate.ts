/** The frame-rate estimate of the earlier server, kept as a figure: it decides nothing but `rollcall mux`. Pure. */

/** Where an estimate came from. */
export interface RateEstimate {
  /** Pictures a second. */
  fps: number
  source: 'arrival' | 'capture' | 'default'
}

const MIN_FPS = 1
const MAX_FPS = 60
/** Arrival times that give less than this are not believed. */
const ARRIVAL_MIN_FPS = 1.5
const DEFAULT_FPS = 10

/**
 * Estimates pictures a second: by arrival times, if above 1.5; else by capture times; else 10. Held to 1–60.
 *
 * @param captureSpanMs - From the first to the last capture time, in ms; undefined when there is none.
 * @param arrivalSpanMs - The same of arrival times.
 */
export function estimateRate(
  pictures: number,
  captureSpanMs: number | undefined,
  arrivalSpanMs: number | undefined,
): RateEstimate {
  const arrival = heldRate(pictures, arrivalSpanMs)
  if (arrival !== undefined && arrival > ARRIVAL_MIN_FPS) return { fps: arrival, source: 'arrival' }
  const capture = heldRate(pictures, captureSpanMs)
  if (capture !== undefined) return { fps: capture, source: 'capture' }
  return { fps: DEFAULT_FPS, source: 'default' }
}

function heldRate(pictures: number, spanMs: number | undefined): number | undefined {
  if (pictures <= 1 || spanMs === undefined) return undefined
  const fps = pictures / (Math.max(spanMs, 1) / 1000)
  return Math.min(Math.max(fps, MIN_FPS), MAX_FPS)
}
