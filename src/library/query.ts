/** Which recordings a request asks for, in which order, page by page. Pure. */

import { RequestError } from '../errors.ts'
import type { RecordingSummary, RecordingsPage, RecordingsQuery } from '../wire/api/recordings.ts'

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
  }
}

function matcherOf(query: RecordingsQuery): (recording: RecordingSummary) => boolean {
  const { camera, take, state, star, from, to, text } = query
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return (one) =>
    (camera === undefined || one.camera === camera) &&
    (take === undefined || one.take === take) &&
    (state === undefined || one.state === state) &&
    (star === undefined || one.star === star) &&
    (from === undefined || one.startedAtMs >= from) &&
    (to === undefined || one.startedAtMs < to) &&
    (words.length === 0 || holdsAll(one, words))
}

function holdsAll(one: RecordingSummary, words: readonly string[]): boolean {
  const { title, note, camera, cameraName, model, take, id } = one
  const texts = [title, note, camera, cameraName, model, take, id].join('\n').toLowerCase()
  return words.every((word) => texts.includes(word))
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
