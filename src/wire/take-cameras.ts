/** How many cameras a take has: a phone that came back during it made more than one recording. Pure. */

import type { RecordingSummary } from './api/recordings.ts'

type Told = Pick<RecordingSummary, 'camera' | 'cameraName' | 'model' | 'startedAtMs' | 'endedAtMs'>

/** Recordings of one name, or of one kind of device at one address, are of as many cameras as recorded at the same time. */
export function camerasOf(recordings: readonly Told[]): number {
  const alike = new Map<string, Told[]>()
  for (const one of recordings) {
    const key = one.cameraName ?? `${one.model} ${one.camera.replace(/_\d+$/, '')}`
    const known = alike.get(key)
    if (known) known.push(one)
    else alike.set(key, [one])
  }
  return [...alike.values()].reduce((sum, ours) => sum + mostAtOnce(ours), 0)
}

function mostAtOnce(recordings: readonly Told[]): number {
  const steps = recordings
    .flatMap((one) => [
      { atMs: one.startedAtMs, by: 1 },
      { atMs: one.endedAtMs ?? Number.POSITIVE_INFINITY, by: -1 },
    ])
    // One that ends as another begins is over.
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by)
  let now = 0
  return steps.reduce((most, { by }) => {
    now += by
    return Math.max(most, now)
  }, 1)
}
