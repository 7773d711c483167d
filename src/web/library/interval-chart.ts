/** The chart of the times between pictures. */

import { drawLine, type LineChart } from '../components/line-chart.ts'
import { downsampled, type Intervals } from './intervals.ts'
import { placeText } from './when.ts'

/** Where the axis ends at least, so that a jitter of a few ms does not look like trouble. */
const LEAST_TOP_MS = 100

/**
 * Puts a chart into an element: the film's time across, intervals upwards on a logarithmic axis.
 *
 * @param onHover - Told of the film time under the pointer in ms and the interval there; undefined when it leaves.
 */
export function drawIntervals(
  target: HTMLElement,
  intervals: Intervals,
  onHover: (at: { filmMs: number; lengthMs: number } | undefined) => void,
): LineChart {
  const { filmMs, lengthMs } = downsampled(intervals, Math.max(300, target.clientWidth))
  const endMs = intervals.filmMs.at(-1) ?? 1
  const longestMs = lengthMs.reduce((longest, ms) => Math.max(longest, ms), 0)
  const shortestMs = lengthMs.reduce((shortest, ms) => Math.min(shortest, ms), Number.POSITIVE_INFINITY)
  return drawLine(target, {
    line: [filmMs, lengthMs],
    x: { range: () => [0, endMs], steps: TIME_STEPS_MS, wordPx: 72, word: placeText },
    y: {
      scale: {
        distr: 3,
        range: () => [Math.max(1, Math.min(10, shortestMs)), Math.max(LEAST_TOP_MS, longestMs * 1.2)],
      },
      axis: {
        filter: (_, splits) => splits.map((ms) => (isPowerOfTen(ms) ? ms : null)),
        values: (_, splits) =>
          splits.map((ms) => (ms === null ? '' : ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`)),
      },
    },
    stepped: true,
    onHover: (index) =>
      onHover(index === undefined ? undefined : { filmMs: filmMs[index]!, lengthMs: lengthMs[index]! }),
  })
}

const SECOND_MS = 1000
const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400].map(
  (seconds) => seconds * SECOND_MS,
)

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Math.log10(value))
}
