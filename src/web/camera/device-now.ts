/** This device's clock, for what is shown of it, and since when the server is away. */

import { effect, signal } from '@preact/signals'
import { camera } from './page-worker.ts'

const EVERY_MS = 250

export const deviceNowMs = signal(Date.now())
/** By this device's clock; null while the server is there. */
export const awaySinceMs = signal<number | null>(null)

export function followClock(): void {
  setInterval(() => {
    deviceNowMs.value = Date.now()
  }, EVERY_MS)
  effect(() => {
    const isAway = camera.value.link === 'connecting'
    if (!isAway) awaySinceMs.value = null
    else if (awaySinceMs.peek() === null) awaySinceMs.value = Date.now()
  })
}
