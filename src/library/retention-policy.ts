/** Which recordings go, and why: the rules of retention. Pure: reads no clock, does no I/O. */

/** One recording's folder, as retention sees it. */
export interface Kept {
  /** Name of the folder. */
  id: string
  /** Closed, recovered or failed: what is open, or cannot be read, stays. */
  atRest: boolean
  /** Wall clock, ms since 1970. */
  endedAtMs: number
  bytes: number
  starred: boolean
  /** Being read, or in anyone's hands. */
  busy: boolean
}

/** 0 turns a limit off. */
export interface Limits {
  keepDays: number
  /** What all recordings may take together. */
  keepBytes: number
  /** What is to stay free on the disk, in bytes. */
  minFree: number
}

/** The option whose limit was passed. */
export type Reason = keyof Limits

export interface Victim {
  id: string
  bytes: number
  reason: Reason
}

/** A limit that is passed though nothing is left that may go. */
export interface Unmet {
  limit: 'keepBytes' | 'minFree'
  /** What the recordings take together, or what is free. */
  bytes: number
}

const DAY_MS = 86_400_000
/** A machine whose clock showed less than 2020 had not been told the time yet: the age of what it recorded is not known. */
const CLOCK_SET_FROM_MS = Date.UTC(2020, 0, 1)

/**
 * Chooses what goes: the oldest first, as many as it takes to keep every limit.
 *
 * @param options.nowMs - Wall clock; `undefined` when it cannot be trusted: nothing goes by its age then.
 * @param options.freeBytes - Free on the disk; `undefined` when the system does not say.
 * @param options.most - No more than this many go.
 * @returns In the order in which they are to go.
 */
export function chooseVictims(
  recordings: readonly Kept[],
  limits: Limits,
  options: { nowMs: number | undefined; freeBytes: number | undefined; most: number },
): Victim[] {
  const { keepDays, keepBytes, minFree } = limits
  const { nowMs, freeBytes = Number.POSITIVE_INFINITY, most } = options
  const oldestMs = keepDays > 0 && nowMs !== undefined ? nowMs - keepDays * DAY_MS : Number.NEGATIVE_INFINITY
  const total = recordings.reduce((sum, { bytes }) => sum + bytes, 0)
  const victims: Victim[] = []
  let gone = 0
  for (const { id, bytes, endedAtMs } of recordings.filter(mayGo).sort(byAge)) {
    const reason =
      (endedAtMs < oldestMs && endedAtMs >= CLOCK_SET_FROM_MS && 'keepDays') ||
      (keepBytes > 0 && total - gone > keepBytes && 'keepBytes') ||
      (freeBytes + gone < minFree && 'minFree')
    if (victims.length >= most) break
    if (!reason) continue
    victims.push({ id, bytes, reason })
    gone += bytes
  }
  return victims
}

/**
 * The limits that stay passed when all that may go has gone: what is left is open, starred, busy or cannot be read.
 *
 * @param victims - What `chooseVictims` chose of the same recordings.
 */
export function unmetLimits(
  recordings: readonly Kept[],
  limits: Limits,
  { victims, freeBytes = Number.POSITIVE_INFINITY }: { victims: Victim[]; freeBytes: number | undefined },
): Unmet[] {
  if (recordings.filter(mayGo).length > victims.length) return []
  const { keepBytes, minFree } = limits
  const sum = (list: readonly { bytes: number }[]) => list.reduce((total, { bytes }) => total + bytes, 0)
  const [left, free] = [sum(recordings) - sum(victims), freeBytes + sum(victims)]
  const unmet: Unmet[] = []
  if (keepBytes > 0 && left > keepBytes) unmet.push({ limit: 'keepBytes', bytes: left })
  if (free < minFree) unmet.push({ limit: 'minFree', bytes: free })
  return unmet
}

function mayGo({ atRest, starred, busy }: Kept): boolean {
  return atRest && !starred && !busy
}

/** Oldest first; those of one moment by name, so that the order is always the same. */
function byAge(a: Kept, b: Kept): number {
  return a.endedAtMs - b.endedAtMs || (a.id < b.id ? -1 : 1)
}
