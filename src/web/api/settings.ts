/** What the server runs with, asked once: what this viewer may do, and the address of https. */

import { computed, effect, signal } from '@preact/signals'
import type { Settings } from '../../wire/api/settings.ts'
import { api } from './client.ts'
import { serverStartedAtMs } from './room.ts'

/** undefined until it is known. */
export const settings = signal<Settings | undefined>(undefined)

/** Whether this viewer may start, stop, name and delete; yes until the server says otherwise, which refuses anyway. */
export const maySteer = computed(() => settings.value?.role !== 'watch')

/** Asks at each start of the server: it may run with others now. */
export function followSettings(): void {
  effect(() => {
    if (serverStartedAtMs.value === undefined) return
    loadSettings().catch(() => {})
  })
}

let asking: Promise<Settings> | undefined

/** Asks now; those who ask at the same time share one request. */
export function loadSettings(): Promise<Settings> {
  asking ??= api<Settings>('GET', '/api/settings')
    .then((answer) => {
      settings.value = answer
      return answer
    })
    .finally(() => {
      asking = undefined
    })
  return asking
}
