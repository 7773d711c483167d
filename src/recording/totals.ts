/** What came in and what became of it since the server began. Read when someone asks, so that a picture costs nothing. */

/** Counts that only ever grow. */
export interface Totals {
  /** Frame packets, and the bytes of their payloads. */
  packets: number
  bytes: number
  pictures: number
  /** Binary messages that are no frame packet. */
  malformed: number
  /** Frame packets that are no H.264. */
  notH264: number
  /** Sequence numbers that did not come in their turn, those that came later among them. */
  missing: number
  late: number
  repeated: number
  /** Pictures that no recording was open for. */
  unrecorded: number
  /** Pictures that came while the disk took nothing. */
  diskRefused: number
  /** Pictures that nothing can show. */
  beforeKeyframe: number
  /** From the first picture to the last of each recording, in ms. */
  recordedMs: number
  /** That the camera had to wait for the disk, in ms. */
  pausedMs: number
  closed: number
  failed: number
}

export function noTotals(): Totals {
  return {
    packets: 0,
    bytes: 0,
    pictures: 0,
    malformed: 0,
    notH264: 0,
    missing: 0,
    late: 0,
    repeated: 0,
    unrecorded: 0,
    diskRefused: 0,
    beforeKeyframe: 0,
    recordedMs: 0,
    pausedMs: 0,
    closed: 0,
    failed: 0,
  }
}

/** Adds to the first what the second has. */
export function addTotals(sum: Totals, more: Partial<Totals>): Totals {
  for (const [key, value] of Object.entries(more) as [keyof Totals, number][]) sum[key] += value
  return sum
}

/** The totals of cameras that are there and of those that have gone. */
export class Tally {
  readonly #gone = noTotals()
  readonly #sources = new Set<{ totals(): Totals }>()

  /** Counts one from now on. */
  add(source: { totals(): Totals }): void {
    this.#sources.add(source)
  }

  /** Its counts stand still: keeps them and lets it go. May be called twice. */
  retire(source: { totals(): Totals }): void {
    if (this.#sources.delete(source)) addTotals(this.#gone, source.totals())
  }

  read(): Totals {
    const sum = { ...this.#gone }
    for (const source of this.#sources) addTotals(sum, source.totals())
    return sum
  }
}
