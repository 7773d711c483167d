/** Battery and heat, where the browser tells of them. */

import { signal } from '@preact/signals'
import { tell } from './page-worker.ts'
import type { Battery } from './sayings.ts'

/** Null where the browser does not tell. */
export const battery = signal<Battery | null>(null)
/** Whether the phone is at its limit: it slows down or gets hot. */
export const isStrained = signal(false)

/** Battery Status API: no browser has it but Chromium. */
interface BatteryManager extends EventTarget {
  level: number
  charging: boolean
}
/** Compute Pressure, 5: what TypeScript does not know yet. */
declare class PressureObserver {
  constructor(callback: (records: { state: 'nominal' | 'fair' | 'serious' | 'critical' }[]) => void)
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>
}
const SAMPLE_MS = 5000
/** A moment at the limit is nothing. */
const STRAINED_MS = 30_000

export async function watchPhone(): Promise<void> {
  if (typeof PressureObserver !== 'undefined') {
    let timer: ReturnType<typeof setTimeout> | undefined
    const observer = new PressureObserver((records) => {
      clearTimeout(timer)
      if (records.at(-1)?.state !== 'critical') isStrained.value = false
      else
        timer = setTimeout(() => {
          isStrained.value = true
        }, STRAINED_MS)
    })
    await observer.observe('cpu', { sampleInterval: SAMPLE_MS }).catch(() => {})
  }
  const { getBattery } = navigator as { getBattery?: () => Promise<BatteryManager> }
  const manager = await getBattery?.call(navigator).catch(() => undefined)
  if (!manager) return
  const read = () => {
    const { level, charging: isCharging } = manager
    battery.value = { level, isCharging }
    tell({ type: 'battery', level, isCharging })
  }
  manager.addEventListener('levelchange', read)
  manager.addEventListener('chargingchange', read)
  read()
}
