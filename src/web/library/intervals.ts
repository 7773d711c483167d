/** Picture intervals: how long the film shows each picture, made from the rows of frames.csv. Pure. */

import type { Frames } from './frames-csv.ts'

/** A moment of the film: part 1 is stream.mp4. */
export interface Moment {
  part: number
  /** Media time in that part, in ms. */
  atMs: number
}

export interface Gap extends Moment {
  /** `atMs` is where it ends; it began so long before. */
  durationMs: number
}

export interface Intervals {
  /** Where each interval ends, in ms since the film began, all parts one behind the other. Ascending. */
  filmMs: Float64Array
  /** How long each is, in ms. */
  lengthMs: Float64Array
  /** Where each part begins, in film ms; at least one entry. */
  partStartsMs: number[]
  /** The median, in ms; 0 without intervals. */
  typicalMs: number
}

/**
 * The intervals between pictures that follow each other in the film.
 *
 * Pictures without a place in an MP4 are left out. B-pictures arrive behind later ones: each part is sorted by its media times.
 */
export function intervalsOf({ mediaMs }: Pick<Frames, 'mediaMs'>): Intervals {
  const parts = partsOf(mediaMs)
  const count = parts.reduce((sum, part) => sum + Math.max(0, part.length - 1), 0)
  const filmMs = new Float64Array(count)
  const lengthMs = new Float64Array(count)
  const partStartsMs: number[] = []
  let startMs = 0
  let at = 0
  for (const part of parts) {
    partStartsMs.push(startMs)
    for (let i = 1; i < part.length; i += 1) {
      filmMs[at] = startMs + part[i]!
      lengthMs[at] = part[i]! - part[i - 1]!
      at += 1
    }
    startMs += part.at(-1) ?? 0
  }
  const typicalMs = medianOf(lengthMs)
  return { filmMs, lengthMs, partStartsMs: partStartsMs.length > 0 ? partStartsMs : [0], typicalMs }
}

/** What is marked on the plot: pictures that never came, or a pause: a gap in which none is missing. */
export interface Mark extends Gap {
  kind: 'loss' | 'pause'
  /** Pictures that are missing; 0 for a pause. */
  count: number
}

/** Of the account: each names the picture behind it. */
export interface Holes {
  missingAt: readonly (Moment & { count: number })[]
  /** Told by the server, which alone says what a gap is: what is counted beside the plot are these. */
  gaps: readonly Gap[]
}

/**
 * Losses and pauses in the order of the film, each once: a loss that made a gap is a loss. What lies behind the film that was
 * read is left out: the account of a recording that grows may be newer.
 */
export function marksOf(intervals: Intervals, { missingAt, gaps }: Holes): Mark[] {
  const marks = new Map<string, Mark>()
  const keyOf = ({ part, atMs }: Moment) => `${part} ${Math.round(atMs)}`
  const endMs = (intervals.filmMs.at(-1) ?? 0) + 1
  const isInFilm = ({ part, atMs }: Moment) =>
    part > 0 &&
    part <= intervals.partStartsMs.length &&
    filmMsOf({ part, atMs }, intervals.partStartsMs) <= endMs
  for (const gap of gaps.filter(isInFilm)) marks.set(keyOf(gap), { ...gap, kind: 'pause', count: 0 })
  for (const { part, atMs, count } of missingAt.filter(isInFilm)) {
    const before = marks.get(keyOf({ part, atMs }))
    const durationMs = before?.durationMs ?? lengthAt(intervals, { part, atMs })
    marks.set(keyOf({ part, atMs }), {
      kind: 'loss',
      part,
      atMs,
      durationMs,
      count: (before?.count ?? 0) + count,
    })
  }
  return [...marks.values()].sort((a, b) => a.part - b.part || a.atMs - b.atMs)
}

/** The interval that ends at a moment, or the first behind it. */
function lengthAt({ filmMs, lengthMs, partStartsMs, typicalMs }: Intervals, moment: Moment): number {
  // Media times are cut to 1/90 ms in one file and to a thousandth in the other.
  const wanted = filmMsOf(moment, partStartsMs) - 1
  let from = 0
  let to = filmMs.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (filmMs[middle]! < wanted) from = middle + 1
    else to = middle
  }
  return lengthMs[from] ?? typicalMs
}

/** A moment's place on the axis of the plot, in film ms. */
export function filmMsOf({ part, atMs }: Moment, partStartsMs: readonly number[]): number {
  return (partStartsMs[Math.max(1, part) - 1] ?? 0) + atMs
}

/** The moment that lies at so many film ms. */
export function momentAt(filmMs: number, partStartsMs: readonly number[]): Moment {
  let part = 1
  for (const [i, startMs] of partStartsMs.entries()) if (filmMs >= startMs) part = i + 1
  return { part, atMs: Math.max(0, filmMs - partStartsMs[part - 1]!) }
}

/**
 * As many points as can be seen: of each stretch of time the shortest and the longest interval, in their order.
 *
 * What is long is the longest of its stretch, so no gap is lost.
 *
 * @param buckets - Stretches that the whole time is cut into; a plot's width in pixels.
 */
export function downsampled(
  { filmMs, lengthMs }: Pick<Intervals, 'filmMs' | 'lengthMs'>,
  buckets: number,
): { filmMs: number[]; lengthMs: number[] } {
  const count = filmMs.length
  if (count <= buckets * 2) return { filmMs: [...filmMs], lengthMs: [...lengthMs] }
  const bucketMs = (filmMs[count - 1]! || 1) / buckets
  const kept = { filmMs: [] as number[], lengthMs: [] as number[] }
  const keep = (i: number) => {
    kept.filmMs.push(filmMs[i]!)
    kept.lengthMs.push(lengthMs[i]!)
  }
  for (let from = 0; from < count; ) {
    const endMs = (Math.floor(filmMs[from]! / bucketMs) + 1) * bucketMs
    let shortest = from
    let longest = from
    let to = from
    for (; to < count && (to === from || filmMs[to]! < endMs); to += 1) {
      if (lengthMs[to]! < lengthMs[shortest]!) shortest = to
      if (lengthMs[to]! > lengthMs[longest]!) longest = to
    }
    keep(Math.min(shortest, longest))
    if (shortest !== longest) keep(Math.max(shortest, longest))
    from = to
  }
  return kept
}

/** Media times of each part, ascending: a part begins where the time is 0 again. */
function partsOf(mediaMs: Float64Array): Float64Array[] {
  const starts: number[] = []
  const placed = mediaMs.filter((ms) => !Number.isNaN(ms))
  for (let i = 0; i < placed.length; i += 1) if (i === 0 || placed[i] === 0) starts.push(i)
  return starts.map((start, i) => placed.slice(start, starts[i + 1]).sort())
}

function medianOf(values: Float64Array): number {
  if (values.length === 0) return 0
  return values.toSorted()[Math.floor(values.length / 2)]!
}
