/** Which recordings a request asks for, in which order, page by page. Pure. */

import { RequestError } from '../errors.ts'
import type { RecordingSummary, RecordingsPage, RecordingsQuery } from '../wire/api/recordings.ts'
import { matcherOf } from '../wire/recording-match.ts'
import { calledOf, camerasOf } from '../wire/take-cameras.ts'

type Sort = RecordingsQuery['sort']

/** What each order sorts by; less comes first. */
const KEY: Record<Sort, (recording: RecordingSummary) => number> = {
  newest: ({ startedAtMs }) => -startedAtMs,
  oldest: ({ startedAtMs }) => startedAtMs,
  longest: ({ durationMs }) => -durationMs,
  largest: ({ bytes }) => -bytes,
}

/** Recordings in an order; ids break ties. */
export function sorted(recordings: Iterable<RecordingSummary>, sort: Sort): RecordingSummary[] {
  const key = KEY[sort]
  return [...recordings].sort((a, b) => key(a) - key(b) || (a.id < b.id ? -1 : 1))
}

/** Puts one of them right in a list that is `sorted`: it was `before`, it is `after`; undefined when it is not there. */
export function replaceIn(
  list: RecordingSummary[],
  sort: Sort,
  before: RecordingSummary | undefined,
  after: RecordingSummary | undefined,
): void {
  if (before) list.splice(placeIn(list, KEY[sort], before), 1)
  if (after) list.splice(placeIn(list, KEY[sort], after), 0, after)
}

/** How many of a sorted list come before this one. */
function placeIn(
  list: readonly RecordingSummary[],
  key: (one: RecordingSummary) => number,
  recording: RecordingSummary,
): number {
  const ownKey = key(recording)
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = list[middle]!
    const isBefore = key(one) < ownKey || (key(one) === ownKey && one.id < recording.id)
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The page that a query asks for.
 *
 * @param recordings - All, as `sorted` by the query's order.
 * @throws {RequestError} `REQUEST_INVALID` for a cursor that no page of this order gave.
 */
export function pageOf(recordings: readonly RecordingSummary[], query: RecordingsQuery): RecordingsPage {
  const { sort, limit, cursor } = query
  const key = KEY[sort]
  const matching = recordings.filter(matcherOf(query))
  const after = cursor === undefined ? undefined : placeOf(cursor, sort)
  let from = 0
  if (after) {
    const isBehind = (one: RecordingSummary) =>
      key(one) > after.key || (key(one) === after.key && one.id > after.id)
    const found = matching.findIndex(isBehind)
    from = found < 0 ? matching.length : found
  }
  const page = matching.slice(from, from + limit)
  const last = page.at(-1)
  const hasMore = last !== undefined && from + limit < matching.length
  return {
    recordings: page,
    next: hasMore ? cursorOf({ sort, key: key(last), id: last.id }) : null,
    total: matching.length,
    takeCameras: takeCamerasOf(recordings, page),
    cameras: camerasOfAll(recordings),
  }
}

/** Of the takes that the page touches. */
function takeCamerasOf(
  all: readonly RecordingSummary[],
  page: readonly RecordingSummary[],
): Record<string, number> {
  const takes = new Map<string, RecordingSummary[]>()
  for (const { take } of page) if (take !== null) takes.set(take, [])
  for (const one of all) if (one.take !== null) takes.get(one.take)?.push(one)
  return Object.fromEntries([...takes].map(([take, members]) => [take, camerasOf(members)]))
}

/** What the cameras of all recordings are called, each once, in the order of the alphabet. */
function camerasOfAll(all: readonly RecordingSummary[]): string[] {
  return [...new Set(all.map(calledOf))].sort()
}

/** Where a page ended: what its last recording is sorted by, and its id. What comes or goes does not move it. */
export function cursorOf(place: { sort: string; key: number; id: string }): string {
  return Buffer.from(JSON.stringify([place.sort, place.key, place.id])).toString('base64url')
}

/** @throws {RequestError} `REQUEST_INVALID` */
export function placeOf(cursor: string, sort: string): { key: number; id: string } {
  try {
    const [itsSort, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (itsSort === sort && typeof key === 'number' && typeof id === 'string') return { key, id }
  } catch {
    // Told below.
  }
  throw new RequestError('REQUEST_INVALID', 'cursor: must be the `next` of a page with the same sort')
}
