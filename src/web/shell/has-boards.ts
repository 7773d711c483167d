/** Whether boards or devices are or were here: only then the navigation leads to them. */

import { effect, signal } from '@preact/signals'
import type { DeviceView } from '../../wire/api/devices.ts'
import { api } from '../api/client.ts'
import { cameras, connection } from '../api/room.ts'
import { kept } from '../kept.ts'

/** How often it is asked for devices while there was none, in ms. */
const ASK_MS = 15_000
const store = kept('boards')

/** Once true it stays so in this browser. */
export const hasBoards = signal(store.read() === 'true')

/** Looks until the first one comes. */
export function followDevices(): void {
  if (hasBoards.peek()) return
  const ask = () => {
    if (document.visibilityState !== 'visible') return
    api<{ devices: DeviceView[] }>('GET', '/api/devices').then(
      ({ devices }) => devices.length > 0 && found(),
      () => {},
    )
  }
  const timer = setInterval(ask, ASK_MS)
  let stopCameras = () => {}
  const found = () => {
    hasBoards.value = true
    store.write('true')
    clearInterval(timer)
    stopCameras()
  }
  let isAsked = false
  stopCameras = effect(() => {
    if (connection.value === 'live' && !isAsked) {
      isAsked = true
      ask()
    }
    if (cameras.value.some(({ board }) => board !== null)) queueMicrotask(found)
  })
}
