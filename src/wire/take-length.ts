/** How long a take is. Pure. */

import type { RecordingSummary } from './api/recordings.ts'

/** From the first picture of a take to its last, in ms; 0 without recordings. */
export function lengthOf(
  recordings: readonly Pick<RecordingSummary, 'startedAtMs' | 'durationMs'>[],
): number {
  const beganMs = recordings.reduce(
    (least, { startedAtMs }) => Math.min(least, startedAtMs),
    Number.POSITIVE_INFINITY,
  )
  return recordings.reduce((most, one) => Math.max(most, one.startedAtMs - beganMs + one.durationMs), 0)
}
