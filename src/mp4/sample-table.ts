/**
 * The sample table of a track, kept in the form in which it is written, so that closing builds nothing.
 *
 * Pure. Clauses are of ISO/IEC 14496-12:2022. About 4 bytes a sample, 8 more where durations or composition
 * offsets change, 4 more for a keyframe.
 */

import { boxHeader, byteLength, u32 } from './boxes.ts'

/** One sample as the table needs it. Times in ticks at 90 kHz. */
export interface TableSample {
  /** Strictly increasing. */
  decodeTicks: number
  compositionTicks: number
  sizeBytes: number
  keyframe: boolean
}

const FIRST_SLAB_BYTES = 256
const MAX_SLAB_BYTES = 65_536

/** Collects samples in decode order; `boxes` gives what goes into `stbl` behind `stsd`. */
export class SampleTable {
  readonly #sizes = new BigEndianList()
  readonly #keyframes = new BigEndianList()
  readonly #durations = new RunList()
  readonly #offsets = new RunList()
  /** Pairs: first chunk, samples in each. */
  readonly #chunkRuns = new BigEndianList()
  #chunks = new BigEndianList()
  #chunksAre64Bit = false
  #chunkCount = 0
  #samplesInChunk = 0
  #samplesInLastRun = -1
  #lastDecodeTicks = 0
  #minOffsetTicks = Number.POSITIVE_INFINITY
  #maxOffsetTicks = Number.NEGATIVE_INFINITY
  #firstSampleTicks = 0
  #maxCompositionTicks = 0

  get samples(): number {
    return this.#sizes.length
  }

  get keyframes(): number {
    return this.#keyframes.length
  }

  get lastDecodeTicks(): number {
    return this.#lastDecodeTicks
  }

  get maxCompositionTicks(): number {
    return this.#maxCompositionTicks
  }

  /** Bytes of memory that the table holds. */
  get memoryBytes(): number {
    const lists = [
      this.#sizes,
      this.#keyframes,
      this.#durations.list,
      this.#offsets.list,
      this.#chunkRuns,
      this.#chunks,
    ]
    return lists.reduce((sum, list) => sum + list.memoryBytes, 0)
  }

  /** The samples that follow lie one behind the other from this byte of the file on. */
  beginChunk(offsetBytes: number): void {
    this.#endChunk()
    if (offsetBytes >= 2 ** 32 && !this.#chunksAre64Bit) this.#widenChunks()
    if (this.#chunksAre64Bit) this.#chunks.push(Math.floor(offsetBytes / 2 ** 32))
    this.#chunks.push(offsetBytes % 2 ** 32)
    this.#chunkCount += 1
  }

  add({ decodeTicks, compositionTicks, sizeBytes, keyframe }: TableSample): void {
    if (this.samples > 0) this.#durations.push(decodeTicks - this.#lastDecodeTicks)
    else this.#firstSampleTicks = decodeTicks
    this.#lastDecodeTicks = decodeTicks
    const offset = compositionTicks - decodeTicks
    this.#offsets.push(offset)
    if (offset < this.#minOffsetTicks) this.#minOffsetTicks = offset
    if (offset > this.#maxOffsetTicks) this.#maxOffsetTicks = offset
    if (compositionTicks > this.#maxCompositionTicks) this.#maxCompositionTicks = compositionTicks
    this.#sizes.push(sizeBytes)
    if (keyframe) this.#keyframes.push(this.samples)
    this.#samplesInChunk += 1
  }

  /**
   * Ends the table.
   *
   * @param lastDurationTicks - How long the last sample is shown.
   * @returns `parts`: the boxes of `stbl` behind `stsd`, to be written one behind the other; `mediaTicks`: the sum
   *   of all durations; `raisedTicks`: what was added to every composition offset so that the least is 0.
   */
  finish(lastDurationTicks: number): { parts: Uint8Array[]; mediaTicks: number; raisedTicks: number } {
    this.#endChunk()
    if (this.samples > 0) this.#durations.push(lastDurationTicks)
    const raisedTicks = this.samples > 0 ? -this.#minOffsetTicks : 0
    const parts: Uint8Array[] = []
    // stts: 8.6.1.2, ctts: 8.6.1.3, stss: 8.6.2, stsc: 8.7.4, stsz: 8.7.3.2, stco and co64: 8.7.5.
    parts.push(...listBox('stts', this.#durations.finish(0), 8))
    if (this.#maxOffsetTicks > this.#minOffsetTicks)
      parts.push(...listBox('ctts', this.#offsets.finish(raisedTicks), 8))
    // Without stss every sample is a keyframe.
    if (this.keyframes < this.samples) parts.push(...listBox('stss', this.#keyframes, 4))
    parts.push(...listBox('stsc', this.#chunkRuns, 12))
    parts.push(...listBox('stsz', this.#sizes, 4, [0]))
    if (this.#chunksAre64Bit) parts.push(...listBox('co64', this.#chunks, 8))
    else parts.push(...listBox('stco', this.#chunks, 4))
    const mediaTicks =
      this.samples > 0 ? this.#lastDecodeTicks - this.#firstSampleTicks + lastDurationTicks : 0
    return { parts, mediaTicks, raisedTicks }
  }

  #endChunk(): void {
    if (this.#samplesInChunk === 0) return
    if (this.#samplesInChunk !== this.#samplesInLastRun) {
      this.#chunkRuns.push(this.#chunkCount)
      this.#chunkRuns.push(this.#samplesInChunk)
      this.#chunkRuns.push(1)
      this.#samplesInLastRun = this.#samplesInChunk
    }
    this.#samplesInChunk = 0
  }

  #widenChunks(): void {
    const wide = new BigEndianList()
    for (const offset of this.#chunks.values()) {
      wide.push(0)
      wide.push(offset)
    }
    this.#chunks = wide
    this.#chunksAre64Bit = true
  }
}

/** A full box of an entry count and entries; `before` are 32-bit fields ahead of the count. */
function listBox(type: string, list: BigEndianList, entryBytes: number, before: number[] = []): Uint8Array[] {
  const slabs = list.slabs()
  const fields = u32(0, ...before, byteLength(slabs) / entryBytes)
  return [boxHeader(type, 8 + fields.length + byteLength(slabs)), fields, ...slabs]
}

/** A growing list of 32-bit big-endian values in slabs that are never copied. */
class BigEndianList {
  readonly #full: Uint8Array[] = []
  #slab = new DataView(new ArrayBuffer(FIRST_SLAB_BYTES))
  #used = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  get memoryBytes(): number {
    return byteLength(this.#full) + this.#slab.byteLength
  }

  /** @param value - uint32, or int32 as two's complement. */
  push(value: number): void {
    if (this.#used === this.#slab.byteLength) {
      this.#full.push(new Uint8Array(this.#slab.buffer))
      this.#slab = new DataView(new ArrayBuffer(Math.min(this.#used * 2, MAX_SLAB_BYTES)))
      this.#used = 0
    }
    this.#slab.setUint32(this.#used, value)
    this.#used += 4
    this.#length += 1
  }

  slabs(): Uint8Array[] {
    return [...this.#full, new Uint8Array(this.#slab.buffer, 0, this.#used)]
  }

  *values(): Generator<number> {
    for (const slab of this.slabs()) {
      const view = new DataView(slab.buffer, slab.byteOffset, slab.byteLength)
      for (let at = 0; at < slab.byteLength; at += 4) yield view.getUint32(at)
    }
  }

  /** Adds to every second value, from the second on; results stay within 32 bits. */
  raiseRunValues(by: number): void {
    for (const slab of this.slabs()) {
      const view = new DataView(slab.buffer, slab.byteOffset, slab.byteLength)
      for (let at = 4; at < slab.byteLength; at += 8) view.setUint32(at, view.getInt32(at) + by)
    }
  }
}

/** Run-length pairs (count, value) of 32-bit values. */
class RunList {
  readonly list = new BigEndianList()
  #value = 0
  #count = 0

  push(value: number): void {
    if (value !== this.#value || this.#count === 0) {
      this.#flush()
      this.#value = value
    }
    this.#count += 1
  }

  /** Ends the last run and adds `raise` to every value. */
  finish(raise: number): BigEndianList {
    this.#flush()
    if (raise !== 0) this.list.raiseRunValues(raise)
    return this.list
  }

  #flush(): void {
    if (this.#count === 0) return
    this.list.push(this.#count)
    this.list.push(this.#value)
    this.#count = 0
  }
}
