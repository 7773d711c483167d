/** A line over time, drawn with uPlot: what the charts of recordings and of devices share. Loaded when the first is shown. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** Room around the drawn area, in CSS pixels; left and below it is as the type is large: chart.css has the same. */
const ROOM = { top: 8, right: 12 }
const HEIGHT = 148
/** A word below the axis is about so much of the room that it is given; it stands to both sides of its line. */
const WORD_SHARE = 0.75

/** x, which rises, and y of each point. */
export type Line = [x: uPlot.AlignedData[0], y: ArrayLike<number>]

export interface LineChart {
  update(line: Line): void
  resize(width: number): void
  /** Takes colours from the page again: after a change of theme. */
  redraw(): void
  destroy(): void
}

export interface LineChartOptions {
  line: Line
  x: {
    /** The first and the last x that is shown. */
    range: () => [number, number]
    /** What may be between two words. */
    steps: number[]
    /** Room that a word is given, in CSS pixels. */
    wordPx: number
    word: (x: number) => string
  }
  /** What is not as usual. */
  y?: { scale?: uPlot.Scale; axis?: uPlot.Axis }
  stepped?: boolean
  /** Told of the point under the pointer by its index; undefined when it leaves. */
  onHover: (index: number | undefined) => void
}

/** Puts a chart into an element, as wide as that is. */
export function drawLine(target: HTMLElement, { line, x, y, stepped, onHover }: LineChartOptions): LineChart {
  const styles = getComputedStyle(target)
  const style = (name: string) => styles.getPropertyValue(name).trim()
  const axis = {
    stroke: () => style('--plot-text'),
    font: `${style('--type-xs')} ${styles.fontFamily}`,
    grid: { stroke: () => style('--plot-grid'), width: 1 },
    ticks: { show: false },
  }
  const { range, steps, wordPx, word } = x
  /** One that would be cut off at the edge is left out. */
  const fits = (plot: uPlot, at: number) =>
    plot.over.clientWidth - plot.valToPos(at, 'x') + ROOM.right >= (wordPx * WORD_SHARE) / 2
  const plot = new uPlot(
    {
      width: target.clientWidth,
      height: HEIGHT,
      padding: [ROOM.top, ROOM.right, 0, 0],
      legend: { show: false },
      cursor: { x: true, y: false, drag: { x: false, y: false }, points: { show: false } },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: { x: { time: false, range }, ...(y?.scale && { y: y.scale }) },
      axes: [
        {
          ...axis,
          size: Number.parseFloat(style('--axis-bottom')),
          gap: 4,
          space: wordPx,
          incrs: steps,
          values: (plot, splits) => splits.map((at) => (fits(plot, at) ? word(at) : '')),
        },
        { ...axis, size: Number.parseFloat(style('--axis-left')), gap: 6, ...y?.axis },
      ],
      series: [
        {},
        {
          stroke: () => style('--plot-line'),
          width: 1.5,
          ...(stepped && { paths: uPlot.paths.stepped!({ align: -1 }), points: { show: false } }),
        },
      ],
      hooks: { setCursor: [({ cursor: { idx } }) => onHover(idx ?? undefined)] },
    },
    line as uPlot.AlignedData,
    target,
  )
  return {
    update: (next) => plot.setData(next as uPlot.AlignedData),
    resize: (width) => plot.setSize({ width, height: HEIGHT }),
    redraw: () => plot.redraw(false, true),
    destroy: () => plot.destroy(),
  }
}
