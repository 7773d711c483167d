/** The curve of one field over the last hour. */

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Notice } from '../components/states.tsx'
import { useLineChart } from '../components/use-line-chart.ts'
import { numberText, timeText } from '../format.ts'
import { t } from './boards-texts.ts'
import type { Series } from './device-source.ts'

export function ReadingsPlot({ title, series }: { title: string; series: Series }) {
  const newest = useRef(series)
  newest.current = series
  const hover = useSignal<{ atMs: number; value: number } | undefined>(undefined)
  const isFailed = useSignal(false)
  const { target, chart } = useLineChart({
    load: async () => {
      const { drawReadings } = await import('./readings-chart.ts')
      return (element) =>
        drawReadings(
          element,
          () => newest.current,
          (at) => {
            hover.value = at
          },
        )
    },
    onFail: () => {
      isFailed.value = true
    },
    inputs: [],
  })
  // A device may have dozens of curves: those out of sight are not drawn anew.
  const isSeen = useSignal(true)
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      isSeen.value = entries.at(-1)!.isIntersecting
    })
    observer.observe(target.current!)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (isSeen.value) chart.current?.update([series.atMs, series.values])
  }, [series, isSeen.value])
  if (isFailed.value) return <Notice kind="amber">{t().plotFailed}</Notice>
  const [least, most] = series.values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  return (
    <figure class="chart readings" aria-label={t().curveOf(title)}>
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
