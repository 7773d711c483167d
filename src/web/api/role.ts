/** What whoever is signed in may do: the watch token may look and change nothing. */

import { computed, signal } from '@preact/signals'
import type { Settings } from '../../wire/api/settings.ts'
import { api } from './client.ts'

/** What the server runs with, once it was asked for. */
export const settings = signal<Settings | undefined>(undefined)

/** Until the server has said otherwise, everything is offered: it refuses what is not allowed. */
export const mayChange = computed(() => settings.value?.role !== 'watch')

let asking: Promise<Settings> | undefined

/** Asks for the settings; those who ask at the same time share one request. */
export function loadSettings(): Promise<Settings> {
  asking ??= api<Settings>('GET', '/api/settings')
    .then((found) => {
      settings.value = found
      return found
    })
    .finally(() => {
      asking = undefined
    })
  return asking
}
