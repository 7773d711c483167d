/** A chart in an element, for as long as it is there: it is loaded, as wide as the element, and drawn anew in another theme. */

import { type Inputs, useEffect, useRef } from 'preact/hooks'
import { language } from '../texts.ts'
import { theme } from '../theme.ts'
import './chart.css'
import type { LineChart } from './line-chart.ts'

export interface UseLineChart {
  /** Loads what draws, and gives it. */
  load: () => Promise<(target: HTMLElement) => LineChart>
  /** What draws could not be loaded. */
  onFail: () => void
  /** With others than before a new chart takes the place. */
  inputs: Inputs
}

/** Gives the refs of the element and of its chart, which is there once it is loaded. */
export function useLineChart({ load, onFail, inputs }: UseLineChart) {
  const target = useRef<HTMLDivElement>(null)
  const chart = useRef<LineChart | undefined>(undefined)
  useEffect(() => {
    let isGone = false
    const observer = new ResizeObserver(([entry]) => chart.current?.resize(entry!.contentRect.width))
    load().then(
      (draw) => {
        if (isGone || !target.current) return
        chart.current = draw(target.current)
        observer.observe(target.current)
      },
      () => {
        if (!isGone) onFail()
      },
    )
    return () => {
      isGone = true
      observer.disconnect()
      chart.current?.destroy()
      chart.current = undefined
    }
  }, inputs)
  useEffect(() => chart.current?.redraw(), [theme.value, language.value])
  return { target, chart }
}
