/** The curve of one field over the last hour. */

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Notice } from '../components/states.tsx'
import { numberText, timeText } from '../format.ts'
import { language } from '../texts.ts'
import { theme } from '../theme.ts'
import { t } from './boards-texts.ts'
import type { Series } from './device-source.ts'
import type { ReadingsChart } from './readings-chart.ts'

export function ReadingsPlot({ title, series }: { title: string; series: Series }) {
  const target = useRef<HTMLDivElement>(null)
  const chart = useRef<ReadingsChart | undefined>(undefined)
  const newest = useRef(series)
  newest.current = series
  const hover = useSignal<{ atMs: number; value: number } | undefined>(undefined)
  const isFailed = useSignal(false)
  useEffect(() => {
    let isGone = false
    const observer = new ResizeObserver(([entry]) => chart.current?.resize(entry!.contentRect.width))
    import('./readings-chart.ts').then(
      ({ drawReadings }) => {
        if (isGone || !target.current) return
        chart.current = drawReadings(target.current, newest.current, (at) => {
          hover.value = at
        })
        observer.observe(target.current)
      },
      () => {
        isFailed.value = true
      },
    )
    return () => {
      isGone = true
      observer.disconnect()
      chart.current?.destroy()
      chart.current = undefined
    }
  }, [])
  useEffect(() => chart.current?.update(series), [series])
  useEffect(() => chart.current?.redraw(), [theme.value, language.value])
  if (isFailed.value) return <Notice kind="amber">{t().plotFailed}</Notice>
  const [least, most] = series.values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  return (
    <figure class="readings" aria-label={t().curveOf(title)}>
      <figcaption class="figures">
        <span>{title}</span>
        <span class="soft">
          {hover.value
            ? `${timeText(hover.value.atMs)} · ${numberText(hover.value.value)}`
            : t().range(numberText(least), numberText(most))}
        </span>
      </figcaption>
      <div ref={target} class="drawing" aria-hidden="true" />
    </figure>
  )
}
