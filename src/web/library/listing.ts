/** The list of recordings as the page holds it: pages from the server, kept right by its events. Pure. */

import type { RecordingSummary, TakeView } from '../../wire/api/recordings.ts'
import { matcherOf } from '../../wire/recording-match.ts'
import { lengthOf } from '../../wire/take-length.ts'
import { startOfDay } from './when.ts'

export type Sort = 'newest' | 'oldest' | 'longest' | 'largest'
export type Grouping = 'take' | 'day'

/** What is looked for; what is left out does not matter. */
export interface Query {
  text: string
  /** Only those with a star. */
  star: boolean
  state: RecordingSummary['state'] | undefined
  /** What a camera is called. */
  camera: string | undefined
  /** Started at or after, and before; ms since 1970. */
  from: number | undefined
  to: number | undefined
  sort: Sort
}

export const EVERYTHING: Query = {
  text: '',
  star: false,
  state: undefined,
  camera: undefined,
  from: undefined,
  to: undefined,
  sort: 'newest',
}

export interface Group {
  /** Take id, recording id of one that has no take, or the day's first ms. */
  key: string
  kind: Grouping
  take: string | undefined
  startedAtMs: number
  recordings: RecordingSummary[]
}

/** The query as `GET /api/recordings` takes it. */
export function searchParams(
  query: Query,
  page: { limit: number; cursor?: string | undefined },
): URLSearchParams {
  const { text, star, state, camera, from, to, sort } = query
  const fields = {
    text: text.trim() || undefined,
    star: star ? 'true' : undefined,
    state,
    camera,
    from: from?.toString(),
    to: to?.toString(),
    sort: sort === 'newest' ? undefined : sort,
    limit: String(page.limit),
    cursor: page.cursor,
  }
  return new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => !!field[1]))
}

/** Whether any field narrows the list. */
export function isNarrowed({ text, star, state, camera, from, to }: Query): boolean {
  return text.trim() !== '' || star || [state, camera, from, to].some((field) => field !== undefined)
}

/** Whether the server would list this recording. */
export function matches(recording: RecordingSummary, query: Query): boolean {
  return matcherOf({ ...query, star: query.star || undefined })(recording)
}

/**
 * The list after a recording was added or changed: in its place, once, or not in it.
 *
 * @param hasMore - The server has more behind the last: what belongs behind that comes with its page.
 */
export function withRecording(
  list: readonly RecordingSummary[],
  recording: RecordingSummary,
  query: Query,
  hasMore: boolean,
): RecordingSummary[] {
  const others = list.filter(({ id }) => id !== recording.id)
  if (!matches(recording, query)) return others
  const before = list.findIndex(({ id }) => id === recording.id)
  const isBefore = inOrder(query.sort)
  const at = others.findIndex((other) => isBefore(recording, other) < 0)
  if (at >= 0) return others.toSpliced(at, 0, recording)
  return hasMore && before < 0 ? others : [...others, recording]
}

/** The list with another page behind it; what came by an event meanwhile is not there twice. */
export function withPage(
  list: readonly RecordingSummary[],
  page: readonly RecordingSummary[],
): RecordingSummary[] {
  const known = new Set(list.map(({ id }) => id))
  return [...list, ...page.filter(({ id }) => !known.has(id))]
}

/** Those that began with the first of their take began together, however many ms lie between: so many at most. */
const TOGETHER_MS = 3000

/** The recordings of a take as they are shown everywhere: by when they began, then by name. */
export function inTakeOrder(recordings: readonly RecordingSummary[]): RecordingSummary[] {
  const firstMs = Math.min(...recordings.map(({ startedAtMs }) => startedAtMs))
  const beganMs = ({ startedAtMs }: RecordingSummary) =>
    startedAtMs - firstMs < TOGETHER_MS ? firstMs : startedAtMs
  const nameOf = ({ cameraName, model, camera }: RecordingSummary) => cameraName ?? model ?? camera
  return recordings.toSorted(
    (a, b) =>
      beganMs(a) - beganMs(b) ||
      nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }) ||
      (a.id < b.id ? -1 : 1),
  )
}

/** A take of which recordings came, changed or went; undefined when it is over and nothing is left of it. */
export function withRecordings(
  take: TakeView,
  recordings: RecordingSummary[],
  isRunning: boolean,
): TakeView | undefined {
  if (recordings.length === 0 && !isRunning) return undefined
  const bytes = recordings.reduce((sum, one) => sum + one.bytes, 0)
  return { ...take, recordings, durationMs: lengthOf(recordings), bytes, isRunning }
}

/** Neighbours of the list that belong together. Sorted by length or size, each stands alone by its take or day. */
export function grouped(list: readonly RecordingSummary[], grouping: Grouping): Group[] {
  const groups = new Map<string, Group>()
  for (const recording of list) {
    const { id, take, startedAtMs } = recording
    const key = grouping === 'day' ? String(startOfDay(startedAtMs)) : (take ?? id)
    const group = groups.get(key)
    if (group) {
      group.recordings.push(recording)
      group.startedAtMs = Math.min(group.startedAtMs, startedAtMs)
    } else {
      const ofTake = grouping === 'take' ? (take ?? undefined) : undefined
      groups.set(key, { key, kind: grouping, take: ofTake, startedAtMs, recordings: [recording] })
    }
  }
  for (const group of groups.values())
    if (group.take !== undefined) group.recordings = inTakeOrder(group.recordings)
  return [...groups.values()]
}

/** The same groups, each that holds what it held before as the object of before: what shows it need not look again. */
export function withSame(groups: readonly Group[], before: readonly Group[]): Group[] {
  const known = new Map(before.map((group) => [group.key, group]))
  return groups.map((group) => {
    const old = known.get(group.key)
    const isSame =
      old?.kind === group.kind &&
      old.recordings.length === group.recordings.length &&
      old.recordings.every((recording, i) => recording === group.recordings[i])
    return isSame ? old : group
  })
}

function inOrder(sort: Sort): (a: RecordingSummary, b: RecordingSummary) => number {
  const keys = {
    newest: (recording: RecordingSummary) => -recording.startedAtMs,
    oldest: (recording: RecordingSummary) => recording.startedAtMs,
    longest: (recording: RecordingSummary) => -recording.durationMs,
    largest: (recording: RecordingSummary) => -recording.bytes,
  }
  return (a, b) => keys[sort](a) - keys[sort](b)
}
