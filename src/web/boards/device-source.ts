/** Devices and their numbers, asked for again and again while somebody looks. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { DeviceView, Readings } from '../../wire/api/devices.ts'
import { api } from '../api/client.ts'

/** How often, in ms. */
const LOOK_MS = 2000
/** What is older than the newest by this, in ms, is not shown. */
const SHOWN_MS = 3_600_000

export type Series = Readings['series'][number]

export function useDevices() {
  const devices = useSignal<DeviceView[] | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const look = () =>
    api<{ devices: DeviceView[] }>('GET', '/api/devices').then(
      (found) => {
        devices.value = found.devices
        error.value = undefined
      },
      (reason) => {
        error.value = reason
      },
    )
  useRepeated(look, '')
  return { devices: devices.value, error: error.value, look }
}

/** The numbers of a device by field, the oldest first; the first answer holds the last hour, the others what came since. */
export function useReadings(id: string) {
  const series = useSignal<readonly Series[] | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const look = () => {
    const newest = Math.max(0, ...(series.peek() ?? []).map(({ atMs }) => atMs.at(-1) ?? 0))
    const since = newest > 0 ? `?since=${newest + 1}` : ''
    return api<Readings>('GET', `/api/devices/${encodeURIComponent(id)}/readings${since}`).then(
      (found) => {
        error.value = undefined
        // A server's clock that was set back: what is shown lies ahead of it, and all is asked for anew.
        const known = newest > found.serverTimeMs ? [] : (series.peek() ?? [])
        series.value = joined(known, found.series, found.serverTimeMs - SHOWN_MS)
      },
      (reason) => {
        error.value = reason
      },
    )
  }
  useRepeated(look, id)
  return { series: series.value, error: error.value, look }
}

/** What was known with what came since, without what is older than `fromMs`. */
export function joined(known: readonly Series[], next: readonly Series[], fromMs: number): Series[] {
  const fields = new Set([...known, ...next].map(({ field }) => field))
  const of = (list: readonly Series[], field: string) =>
    list.find((one) => one.field === field) ?? { atMs: [], values: [] }
  return [...fields].flatMap((field) => {
    const [before, after] = [of(known, field), of(next, field)]
    const atMs = [...before.atMs, ...after.atMs]
    const first = atMs.findIndex((ms) => ms >= fromMs)
    if (first < 0) return []
    return [{ field, atMs: atMs.slice(first), values: [...before.values, ...after.values].slice(first) }]
  })
}

/** One look after the other, never two at once. */
function useRepeated(look: () => Promise<void>, key: string): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isGone = false
    const again = async () => {
      if (document.visibilityState === 'visible') await look()
      if (!isGone) timer = setTimeout(again, LOOK_MS)
    }
    void again()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [key])
}
