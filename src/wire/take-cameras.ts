/** Which recordings are of one camera: a phone that comes back may have another id. Pure. */

import type { RecordingSummary } from './api/recordings.ts'

/** What people tell a camera by: its name; of one without a name its kind, and its address or id. */
export function calledOf({
  cameraName,
  model,
  camera,
}: Pick<RecordingSummary, 'camera' | 'cameraName' | 'model'>): string {
  if (cameraName !== null) return cameraName
  // An id of protocol 2 has no underscore.
  const own = camera.replace(/_\d+$/, '')
  return model === null ? own : `${model} ${own}`
}

type Told = Pick<RecordingSummary, 'camera' | 'cameraName' | 'model' | 'startedAtMs' | 'endedAtMs'>

/**
 * How many cameras a take has: a phone that came back during it made more than one recording.
 *
 * Recordings of one name, or of one kind of device at one address, are of as many cameras as recorded at the same time.
 */
export function camerasOf(recordings: readonly Told[]): number {
  const alike = new Map<string, Told[]>()
  for (const one of recordings) {
    const key = calledOf(one)
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
