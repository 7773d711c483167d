/** Battery and heat, where the browser tells of them. */

import { signal } from '@preact/signals'
import { tell } from './page-worker.ts'
import type { Battery } from './sayings.ts'
import { type Pressure, Strain } from './strain.ts'

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
  constructor(callback: (records: { state: Pressure }[]) => void)
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>
}
const SAMPLE_MS = 5000

export async function watchPhone(): Promise<void> {
  if (typeof PressureObserver !== 'undefined') {
    const strain = new Strain((is) => {
      isStrained.value = is
    })
    const observer = new PressureObserver((records) => {
      const last = records.at(-1)
      if (last) strain.heard(last.state)
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
