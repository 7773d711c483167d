/** Draws picture intervals with uPlot. A file of its own: it is loaded when the first plot is opened. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { downsampled, type Intervals } from './intervals.ts'
import { placeText } from './when.ts'

/** Room around the drawn area, in CSS pixels; left and below it is as the type is large: detail.css. */
const AXIS = { top: 8, right: 12 }
const HEIGHT = 148
/** Where the axis ends at least, so that a jitter of a few ms does not look like trouble. */
const LEAST_TOP_MS = 100

export interface Chart {
  resize(width: number): void
  /** Takes colours from the page again: after a change of theme. */
  redraw(): void
  destroy(): void
}

/**
 * Puts a chart into an element: the film's time across, intervals upwards on a logarithmic axis.
 *
 * @param onHover - Told of the film time under the pointer in ms and the interval there; undefined when it leaves.
 */
export function drawIntervals(
  target: HTMLElement,
  intervals: Intervals,
  onHover: (at: { filmMs: number; lengthMs: number } | undefined) => void,
): Chart {
  const points = downsampled(intervals, Math.max(300, target.clientWidth))
  const endMs = intervals.filmMs.at(-1) ?? 1
  const longestMs = points.lengthMs.reduce((longest, ms) => Math.max(longest, ms), 0)
  const shortestMs = points.lengthMs.reduce(
    (shortest, ms) => Math.min(shortest, ms),
    Number.POSITIVE_INFINITY,
  )
  const colour = (name: string) => () => getComputedStyle(target).getPropertyValue(name).trim()
  const font = () =>
    `${getComputedStyle(target).getPropertyValue('--type-xs')} ${getComputedStyle(target).fontFamily}`
  const room = (name: string) => Number.parseFloat(getComputedStyle(target).getPropertyValue(name))
  const axis = {
    stroke: colour('--plot-text'),
    font: font(),
    grid: { stroke: colour('--plot-grid'), width: 1 },
    ticks: { show: false },
  }
  const stepped = uPlot.paths.stepped!({ align: -1 })
  const plot = new uPlot(
    {
      width: target.clientWidth,
      height: HEIGHT,
      padding: [AXIS.top, AXIS.right, 0, 0],
      legend: { show: false },
      cursor: { x: true, y: false, drag: { x: false, y: false }, points: { show: false } },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => [0, endMs] },
        y: {
          distr: 3,
          range: () => [Math.max(1, Math.min(10, shortestMs)), Math.max(LEAST_TOP_MS, longestMs * 1.2)],
        },
      },
      axes: [
        {
          ...axis,
          size: room('--axis-bottom'),
          gap: 4,
          space: 72,
          incrs: TIME_STEPS_MS,
          values: (_, splits) => splits.map((ms) => placeText(ms)),
        },
        {
          ...axis,
          size: room('--axis-left'),
          gap: 6,
          filter: (_, splits) => splits.map((ms) => (isPowerOfTen(ms) ? ms : null)),
          values: (_, splits) =>
            splits.map((ms) => (ms === null ? '' : ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`)),
        },
      ],
      series: [{}, { stroke: colour('--plot-line'), width: 1.5, paths: stepped, points: { show: false } }],
      hooks: {
        setCursor: [
          ({ cursor: { idx } }) =>
            onHover(
              idx === null || idx === undefined
                ? undefined
                : { filmMs: points.filmMs[idx]!, lengthMs: points.lengthMs[idx]! },
            ),
        ],
      },
    },
    [points.filmMs, points.lengthMs],
    target,
  )
  return {
    resize: (width) => plot.setSize({ width, height: HEIGHT }),
    redraw: () => plot.redraw(false, true),
    destroy: () => plot.destroy(),
  }
}

const SECOND_MS = 1000
const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400].map(
  (seconds) => seconds * SECOND_MS,
)

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Math.log10(value))
}
