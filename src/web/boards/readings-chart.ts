/** Draws a device's numbers with uPlot. A file of its own: it is loaded when the first curve is shown. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { serverNowMs } from '../api/room.ts'
import { timeText } from '../format.ts'
import type { Series } from './device-source.ts'

/** Room around the drawn area, in CSS pixels; left and below it is as the type is large: boards.css. */
const AXIS = { top: 8, right: 12 }
const HEIGHT = 148
const HOUR_MS = 3_600_000
/** A curve that began lately is not squeezed into the last pixels, ms. */
const LEAST_MS = 60_000

export interface ReadingsChart {
  update(series: Series): void
  resize(width: number): void
  /** Takes colours from the page again: after a change of theme. */
  redraw(): void
  destroy(): void
}

/** @param onHover - Told of the number under the pointer; undefined when it leaves. */
export function drawReadings(
  target: HTMLElement,
  series: Series,
  onHover: (at: { atMs: number; value: number } | undefined) => void,
): ReadingsChart {
  const styles = getComputedStyle(target)
  const colour = (name: string) => () => styles.getPropertyValue(name).trim()
  const room = (name: string) => Number.parseFloat(styles.getPropertyValue(name))
  const axis = {
    stroke: colour('--plot-text'),
    font: `${styles.getPropertyValue('--type-xs')} ${styles.fontFamily}`,
    grid: { stroke: colour('--plot-grid'), width: 1 },
    ticks: { show: false },
  }
  let now = series
  const plot = new uPlot(
    {
      width: target.clientWidth,
      height: HEIGHT,
      padding: [AXIS.top, AXIS.right, 0, 0],
      legend: { show: false },
      cursor: { x: true, y: false, drag: { x: false, y: false }, points: { show: false } },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: {
          time: false,
          range: () => {
            const endMs = Math.max(serverNowMs(), now.atMs.at(-1) ?? 0)
            return [Math.min(endMs - LEAST_MS, Math.max(now.atMs[0] ?? 0, endMs - HOUR_MS)), endMs]
          },
        },
      },
      axes: [
        {
          ...axis,
          size: room('--axis-bottom'),
          gap: 4,
          space: 84,
          values: (_, splits) => splits.map((ms) => timeText(ms)),
          incrs: [10, 15, 30, 60, 120, 300, 600, 900].map((seconds) => seconds * 1000),
        },
        { ...axis, size: room('--axis-left'), gap: 6 },
      ],
      series: [{}, { stroke: colour('--plot-line'), width: 1.5 }],
      hooks: {
        setCursor: [
          ({ cursor: { idx } }) =>
            onHover(
              idx === null || idx === undefined
                ? undefined
                : { atMs: now.atMs[idx]!, value: now.values[idx]! },
            ),
        ],
      },
    },
    [now.atMs, now.values],
    target,
  )
  return {
    update: (next) => {
      now = next
      plot.setData([next.atMs, next.values])
    },
    resize: (width) => plot.setSize({ width, height: HEIGHT }),
    redraw: () => plot.redraw(false, true),
    destroy: () => plot.destroy(),
  }
}
