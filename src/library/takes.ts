/** Takes, made from what recordings say of themselves. Pure. */

import type { RecordingSummary, TakesPage, TakesQuery, TakeView } from '../wire/api/recordings.ts'
import { lengthOf } from '../wire/take-length.ts'
import { cursorOf, placeOf } from './query.ts'

export interface RunningTake {
  id: string
  /** ms since 1970. */
  startedAtMs: number
}

/** For cursors. */
const SORT = 'takes'

/**
 * All takes, the newest first; the running one too when none of its recordings has begun.
 *
 * @param recordings - The oldest first.
 */
export function takesOf(
  recordings: readonly RecordingSummary[],
  running: RunningTake | undefined,
): TakeView[] {
  const members = new Map<string, RecordingSummary[]>()
  if (running) members.set(running.id, [])
  for (const recording of recordings) {
    if (recording.take === null) continue
    const known = members.get(recording.take)
    if (known) known.push(recording)
    else members.set(recording.take, [recording])
  }
  const takes = [...members].map(([id, ours]) => ({
    id,
    startedAtMs: ours[0]?.startedAtMs ?? running!.startedAtMs,
    durationMs: lengthOf(ours),
    isRunning: id === running?.id,
    bytes: ours.reduce((sum, { bytes }) => sum + bytes, 0),
    recordings: ours,
  }))
  return takes.sort((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1))
}

/** @throws {RequestError} `REQUEST_INVALID` for a wrong cursor. */
export function takesPageOf(takes: readonly TakeView[], { limit, cursor }: TakesQuery): TakesPage {
  const after = cursor === undefined ? undefined : placeOf(cursor, SORT)
  const rest = after
    ? takes.filter(
        ({ startedAtMs, id }) => -startedAtMs > after.key || (-startedAtMs === after.key && id > after.id),
      )
    : takes
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const hasMore = last !== undefined && rest.length > limit
  return {
    takes: page,
    next: hasMore ? cursorOf({ sort: SORT, key: -last.startedAtMs, id: last.id }) : null,
  }
}
