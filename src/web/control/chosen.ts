/** Which cameras take part. All do until they are taken out, those that come later too. */

import { computed, signal } from '@preact/signals'
import { cameras, take } from '../api/room.ts'

/** By profile: a phone that comes back from another port stays out. */
const left = signal<ReadonlySet<string>>(new Set())

/** Those that are here and take part. */
export const chosen = computed(() =>
  cameras.value.filter(({ profile, state }) => state !== 'gone' && !left.value.has(profile)),
)

/** Those that are here. */
export const present = computed(() => cameras.value.filter(({ state }) => state !== 'gone'))

/** A take runs, and every camera is lost. */
export const isDeserted = computed(() => take.value !== null && present.value.length === 0)

export function isChosen(id: string): boolean {
  const camera = cameras.value.find((one) => one.id === id)
  return camera !== undefined && !left.value.has(camera.profile)
}

export function setChosen(id: string, takesPart: boolean): void {
  const camera = cameras.peek().find((one) => one.id === id)
  if (!camera) return
  const next = new Set(left.peek())
  if (takesPart) next.delete(camera.profile)
  else next.add(camera.profile)
  left.value = next
}
