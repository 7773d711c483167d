/** The chart of a device's numbers: the last hour, or the time since they began. */

import type uPlot from 'uplot'
import { serverNowMs } from '../api/room.ts'
import { drawLine, type LineChart } from '../components/line-chart.ts'
import { numberText, timeText } from '../format.ts'
import type { Series } from './device-source.ts'

const HOUR_MS = 3_600_000
/** A curve that began lately is not squeezed into the last pixels, ms. */
const LEAST_MS = 60_000
/** Left and right of a number at the axis, in CSS pixels. */
const WORD_GAP = 20
const TIME_STEPS_MS = [10, 15, 30, 60, 120, 300, 600, 900].map((seconds) => seconds * 1000)

/**
 * @param newest - What is shown now.
 * @param onHover - Told of the number under the pointer; undefined when it leaves.
 */
export function drawReadings(
  target: HTMLElement,
  newest: () => Series,
  onHover: (at: { atMs: number; value: number } | undefined) => void,
): LineChart {
  return drawLine(target, {
    line: [newest().atMs, newest().values],
    x: {
      range: () => {
        const { atMs } = newest()
        const endMs = Math.max(serverNowMs(), atMs.at(-1) ?? 0)
        return [Math.min(endMs - LEAST_MS, Math.max(atMs[0] ?? 0, endMs - HOUR_MS)), endMs]
      },
      steps: TIME_STEPS_MS,
      wordPx: 84,
      word: timeText,
    },
    y: { axis: { values: (_, splits) => splits.map((value) => numberText(value)), size: roomFor } },
    onHover: (index) => {
      const { atMs, values } = newest()
      onHover(index === undefined ? undefined : { atMs: atMs[index]!, value: values[index]! })
    },
  })
}

/** Numbers may be long: as wide as the longest one needs, and no less than usual. */
function roomFor({ ctx, axes, root }: uPlot, words: string[] | null, axis: number): number {
  const least = Number.parseFloat(getComputedStyle(root).getPropertyValue('--axis-left'))
  ctx.font = axes[axis]!.font![0]!
  const widest = Math.max(0, ...(words ?? []).map((word) => ctx.measureText(word).width))
  return Math.max(least, widest / devicePixelRatio + WORD_GAP)
}
