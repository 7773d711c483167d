/**
 * Writes one MP4 file that is fragmented while it grows and ordinary once it is closed.
 *
 * Pure: gives bytes to append and, at the end, 16 bytes to put in place. The layout stands in docs/storage.md.
 */

import { BOX_HEADER_BYTES, box, boxHeader, byteLength, concat, u32, u64 } from './boxes.ts'
import { fragmentHeader } from './fragment.ts'
import { SampleTable } from './sample-table.ts'
import { ftyp, moov, mvex, type VideoTrack } from './track.ts'

/** One access unit as the file keeps it. */
export interface Sample {
  /** Presentation time in ticks at 90 kHz; 0 is the first keyframe. May lie before that of an earlier sample. */
  presentationTicks: number
  keyframe: boolean
  /** Payload in pieces, in order: for H.264 a four-byte length before each NAL unit, for JPEG the picture as it came. */
  pieces: readonly Uint8Array[]
  /** Bytes of all pieces. */
  sizeBytes: number
}

/** Bytes that make the file ordinary. Write `append` at the end, sync, then `patch` at its place, and sync. */
export interface Finish {
  append: Uint8Array[]
  patch: { offset: number; bytes: Uint8Array }
  /** Presentation time of the whole file in ticks. */
  durationTicks: number
}

/** The box that closing overwrites: exactly a 64-bit `mdat` header. */
export const PLACEHOLDER_BYTES = 16

/**
 * How far composition lies behind decoding in a growing file whose stream announces reordering: 1 s. Readers
 * disagree on negative offsets, which only this room avoids.
 */
const REORDER_ROOM_TICKS = 90_000

/** A file that an earlier process began, up to the end of its last whole fragment. Its pictures are not reordered. */
export interface BegunFile {
  table: SampleTable
  fragments: number
  sizeBytes: number
}

export class Mp4Writer {
  readonly table: SampleTable
  readonly #track: VideoTrack
  readonly #reorders: boolean
  readonly #ftyp: Uint8Array
  #offset = 0
  #fragments = 0
  #pending: Sample[] = []
  #reordered = false
  #everReordered: boolean
  #maxTicks = Number.NEGATIVE_INFINITY
  /** Decode time 0 in presentation ticks. */
  #originTicks = 0
  /** Composition time less presentation time, as the fragmented file's edit list says it. */
  #shiftTicks = 0
  #lastDurationTicks = 0

  /**
   * @param track - The sample entry decides the codec.
   * @param reorders - The stream says that its pictures may be reordered.
   * @param begun - Goes on with this file.
   */
  constructor(track: VideoTrack, reorders: boolean, begun?: BegunFile) {
    this.#track = track
    this.#ftyp = ftyp(track)
    this.table = begun?.table ?? new SampleTable()
    if (begun) {
      this.#fragments = begun.fragments
      this.#offset = begun.sizeBytes
      this.#maxTicks = begun.table.maxCompositionTicks
    }
    this.#reorders = reorders
    this.#everReordered = reorders
  }

  /** Bytes given out so far. */
  get sizeBytes(): number {
    return this.#offset
  }

  /** Samples that the next fragment will hold. */
  get pending(): number {
    return this.#pending.length
  }

  /** Presentation time of the open fragment's first sample; undefined when it is empty. */
  get pendingTicks(): number | undefined {
    return this.#pending[0]?.presentationTicks
  }

  /** The latest presentation time seen. */
  get maxTicks(): number {
    return this.#maxTicks
  }

  /** Adds a sample to the open fragment. Unless all are keyframes, only the first sample of a fragment may be one. */
  add(sample: Sample): void {
    if (sample.presentationTicks <= this.#maxTicks) this.#reordered = this.#everReordered = true
    else this.#maxTicks = sample.presentationTicks
    this.#pending.push(sample)
  }

  /**
   * Ends the open fragment.
   *
   * @param nextTicks - Presentation time of the sample that follows, when it is known: the last sample lasts until then.
   * @returns The bytes to append, one behind the other; empty when no sample waits.
   */
  endFragment(nextTicks?: number): Uint8Array[] {
    const samples = this.#pending
    if (samples.length === 0) return []
    this.#pending = []
    const first = this.#fragments === 0
    const decodeTicks = this.#decodeTimes(samples, first)
    this.#reordered = false
    const out: Uint8Array[] = []
    if (first) {
      // Lazily, so that the first fragment's reordering is known; the final index needs no room to spare.
      const room = this.#reorders ? REORDER_ROOM_TICKS : 0
      this.#shiftTicks = samples.reduce(
        (most, s, i) => Math.max(most, decodeTicks[i]! - s.presentationTicks),
        room,
      )
      out.push(
        this.#ftyp,
        box('free', new Uint8Array(PLACEHOLDER_BYTES - BOX_HEADER_BYTES)),
        this.#fragmentedMoov(),
      )
    }
    this.#fragments += 1
    const header = fragmentHeader({
      number: this.#fragments,
      samples,
      decodeTicks,
      lastDurationTicks: this.#lastDuration(decodeTicks, nextTicks),
      shiftTicks: this.#shiftTicks,
    })
    this.#offset += byteLength(out) + header.length
    out.push(header)
    this.table.beginChunk(this.#offset)
    for (const [i, sample] of samples.entries()) {
      for (const piece of sample.pieces) out.push(piece)
      this.#offset += sample.sizeBytes
      this.table.add({
        decodeTicks: decodeTicks[i]!,
        compositionTicks: sample.presentationTicks + this.#shiftTicks,
        sizeBytes: sample.sizeBytes,
        keyframe: sample.keyframe,
      })
    }
    return out
  }

  /**
   * Ends the file. Call `endFragment` before.
   *
   * @param lastDurationTicks - How long the last sample is shown.
   */
  finish(lastDurationTicks: number): Finish {
    return finishFile(this.#track, this.table, {
      ftypBytes: this.#ftyp.length,
      sizeBytes: this.#offset,
      shiftTicks: this.#shiftTicks,
      lastDurationTicks,
    })
  }

  /**
   * Decode times of one fragment: its presentation times in order, so that only reordering costs an offset.
   * Always behind those of the fragment before.
   */
  #decodeTimes(samples: Sample[], first: boolean): number[] {
    const sorted = samples.map((sample) => sample.presentationTicks)
    if (this.#reordered) sorted.sort((a, b) => a - b)
    if (first) this.#originTicks = sorted[0]!
    let last = first ? -1 : this.table.lastDecodeTicks
    return sorted.map((ticks) => {
      last = Math.max(ticks - this.#originTicks, last + 1)
      return last
    })
  }

  /** Where pictures are reordered, some that lead the next one in presentation may follow it: its time tells nothing. */
  #lastDuration(decodeTicks: number[], nextTicks: number | undefined): number {
    const lastTicks = decodeTicks.at(-1)!
    // The shortest known: a fragment must not begin before the one ahead of it ends (8.8.12).
    let shortest = decodeTicks.length > 1 ? Number.POSITIVE_INFINITY : this.#lastDurationTicks
    for (let i = 1; i < decodeTicks.length; i += 1)
      shortest = Math.min(shortest, decodeTicks[i]! - decodeTicks[i - 1]!)
    const isNext = nextTicks !== undefined && !this.#everReordered
    this.#lastDurationTicks = Math.max(1, isNext ? nextTicks - this.#originTicks - lastTicks : shortest)
    return this.#lastDurationTicks
  }

  #fragmentedMoov(): Uint8Array {
    const times = { durationTicks: 0, mediaTicks: 0, shiftTicks: this.#shiftTicks }
    const none = u32(0, 0)
    const empty = [box('stts', none), box('stsc', none), box('stsz', none, u32(0)), box('stco', none)]
    return moov(this.#track, times, empty, mvex(this.#track))
  }
}

/** Where the fragments of a file end, and how its times lie. */
export interface FragmentedFile {
  ftypBytes: number
  /** Everything up to the end of the last fragment. */
  sizeBytes: number
  /** Composition time less presentation time of the samples in the table. */
  shiftTicks: number
  lastDurationTicks: number
}

/** What makes a fragmented file ordinary; recovery uses it too. */
export function finishFile(track: VideoTrack, table: SampleTable, file: FragmentedFile): Finish {
  const { parts, mediaTicks, raisedTicks } = table.finish(file.lastDurationTicks)
  const shiftTicks = file.shiftTicks + raisedTicks
  const durationTicks = table.maxCompositionTicks - file.shiftTicks + file.lastDurationTicks
  const mdatBytes = file.sizeBytes - file.ftypBytes
  return {
    append: splicedMoov(moov(track, { durationTicks, mediaTicks, shiftTicks }, []), parts),
    patch: { offset: file.ftypBytes, bytes: concat(boxHeader('mdat', 1), u64(mdatBytes)) },
    durationTicks,
  }
}

/**
 * Puts the tables behind `stsd` without copying them.
 *
 * `stbl` ends `minf`, `mdia`, `trak` and `moov` alike, so the tables go to the end and five sizes grow.
 */
function splicedMoov(head: Uint8Array, tables: Uint8Array[]): Uint8Array[] {
  const extra = byteLength(tables)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  let at = 0
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl']) {
    at = findChild(head, at, type)
    view.setUint32(at, view.getUint32(at) + extra)
    at += BOX_HEADER_BYTES
  }
  return [head, ...tables]
}

/** The offset of the box `type` among the boxes that begin at `at`. */
function findChild(bytes: Uint8Array, at: number, type: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  while (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) !== type) at += view.getUint32(at)
  return at
}
