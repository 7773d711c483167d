/** A take that runs and in which nobody records: its phones were stopped by their holders, refused, or did not answer. */

import { computed, effect, signal } from '@preact/signals'
import type { CameraView } from '../../wire/api/cameras.ts'
import { take } from '../api/room.ts'
import { present } from './chosen.ts'

/** States of a camera that records, or will by itself. */
const RECORDS: ReadonlySet<CameraView['state']> = new Set([
  'recording',
  'starting',
  'away',
  'disk full',
  'disk failed',
])

/** A start takes so long until cameras record, in ms: that is not worth a word. */
const STARTS_MS = 2000

/** It is so just now. Without any camera it is another trouble. */
export const isIdleTake = computed(
  () =>
    take.value !== null && present.value.length > 0 && !present.value.some(({ state }) => RECORDS.has(state)),
)

/** It has been so for a while. */
export const nobodyRecords = signal(false)

export function followIdleTake(): void {
  effect(() => {
    nobodyRecords.value = false
    if (!isIdleTake.value) return
    const timer = setTimeout(() => {
      nobodyRecords.value = true
    }, STARTS_MS)
    return () => clearTimeout(timer)
  })
}
