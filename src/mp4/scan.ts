/**
 * Reads back the files that `Mp4Writer` writes, growing, cut anywhere, or closed.
 *
 * Pure: bytes come from a reader that the caller gives. Memory is one fragment's `moof`, whatever the file's length.
 */

import { ProtocolError } from '../errors.ts'
import { BOX_HEADER_BYTES } from './boxes.ts'
import type { TableSample } from './sample-table.ts'
import type { VideoTrack } from './track.ts'
import { PLACEHOLDER_BYTES } from './writer.ts'

/** Reads `length` bytes at `offset`; fewer only where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** One whole fragment. */
export interface ScannedFragment {
  /** Where its `moof` begins, and where its `mdat` ends. */
  startOffset: number
  endOffset: number
  /** Where the first sample's bytes begin. */
  dataOffset: number
  samples: TableSample[]
}

/** What lies before the fragments. */
export interface ScannedHead {
  track: VideoTrack
  ftypBytes: number
  /** Composition time less presentation time, in ticks at 90 kHz. */
  shiftTicks: number
  /** Where the first fragment begins. */
  fragmentsOffset: number
  /** Closed: the offset of the final `moov`, where the one big `mdat` ends. undefined while it grows. */
  finalMoovOffset: number | undefined
}

/** No `moov` or `moof` of ours is larger: a fragment ends after a second at the latest. */
const MAX_HEADER_BOX_BYTES = 64 * 1024 * 1024
/** Fragments are looked for in pieces of so many bytes. */
const SEARCHED_BYTES = 1024 * 1024
const MOOF = [0x6d, 0x6f, 0x6f, 0x66]
/** So many places that look like a fragment are tried, each with a `moof` of at most so many bytes. */
const MAX_TRIES = 1000
const MAX_TRIED_BYTES = 1024 * 1024
const SECONDS_1904_TO_1970 = 2_082_844_800
const NON_SYNC_BIT = 0x10000

/**
 * Reads what lies before the fragments.
 *
 * @throws {ProtocolError} `MP4_INVALID` when the head is cut short or not of our making.
 */
export async function scanHead(read: ReadAt): Promise<ScannedHead> {
  const ftyp = await boxAt(read, 0)
  if (ftyp?.type !== 'ftyp' || ftyp.size > 1024) throw invalid('does not begin with ftyp')
  const place = new Reader(await read(ftyp.size, PLACEHOLDER_BYTES))
  if (place.size < PLACEHOLDER_BYTES) throw invalid('ends in its head')
  const brands = new Reader(await read(0, ftyp.size))
  const type = place.type(4)
  if (type !== 'free' && type !== 'mdat')
    throw invalid(`has ${JSON.stringify(type)} where the placeholder belongs`)
  const moovOffset = ftyp.size + PLACEHOLDER_BYTES
  const moov = await boxAt(read, moovOffset)
  if (moov?.type !== 'moov' || moov.size > MAX_HEADER_BOX_BYTES)
    throw invalid('has no moov ahead of its fragments')
  const bytes = await read(moovOffset, moov.size)
  if (bytes.length < moov.size) throw invalid('ends in its first moov')
  return {
    ...readMoov(new Reader(bytes), brandsOf(brands)),
    ftypBytes: ftyp.size,
    fragmentsOffset: moovOffset + moov.size,
    finalMoovOffset: type === 'mdat' ? ftyp.size + place.u64(8) : undefined,
  }
}

/**
 * Gives every whole fragment in order and stops at the first that is not whole. `free` boxes and an `mdat` behind one are
 * what recovery left out.
 *
 * @param from - Where to begin, in place of the first fragment.
 */
export async function* scanFragments(
  read: ReadAt,
  head: ScannedHead,
  from = head.fragmentsOffset,
): AsyncGenerator<ScannedFragment> {
  let at = from
  while (at < (head.finalMoovOffset ?? Number.POSITIVE_INFINITY)) {
    const moof = await boxAt(read, at)
    if (moof?.type === 'free') {
      const behind = await boxAt(read, at + moof.size)
      at += moof.size + (behind?.type === 'mdat' ? behind.size : 0)
      continue
    }
    if (moof?.type !== 'moof' || moof.size > MAX_HEADER_BOX_BYTES) return
    const bytes = await read(at, moof.size)
    const mdat = await boxAt(read, at + moof.size)
    if (bytes.length < moof.size || mdat?.type !== 'mdat') return
    const endOffset = at + moof.size + mdat.size
    // The file is whole up to here when its last byte can be read.
    if ((await read(endOffset - 1, 1)).length === 0) return
    const samples = readMoof(new Reader(bytes), head.track.isEverySync)
    const dataBytes = samples.reduce((sum, sample) => sum + sample.sizeBytes, 0)
    if (samples.length === 0 || dataBytes !== mdat.size - BOX_HEADER_BYTES) return
    yield { startOffset: at, endOffset, dataOffset: endOffset - dataBytes, samples }
    at = endOffset
  }
}

/**
 * Where the next whole fragment begins behind bytes that are none. What is in them may look like one, and many times.
 *
 * @param from - Where to begin to look.
 */
export async function nextFragment(
  read: ReadAt,
  head: ScannedHead,
  from: number,
): Promise<number | undefined> {
  const end = head.finalMoovOffset ?? Number.POSITIVE_INFINITY
  let tries = MAX_TRIES
  for (let at = from; at < end; at += SEARCHED_BYTES - BOX_HEADER_BYTES) {
    const bytes = await read(at, SEARCHED_BYTES)
    for (let i = bytes.indexOf(MOOF[0]!); i >= 0; i = bytes.indexOf(MOOF[0]!, i + 1)) {
      if (i < 4 || !MOOF.every((byte, k) => bytes[i + k] === byte)) continue
      if (tries === 0) return undefined
      tries -= 1
      if (at + i - 4 < end && (await isFragment(read, head, at + i - 4))) return at + i - 4
    }
    if (bytes.length < SEARCHED_BYTES) break
  }
  return undefined
}

async function isFragment(read: ReadAt, head: ScannedHead, start: number): Promise<boolean> {
  const moof = await boxAt(read, start)
  const mfhd = await boxAt(read, start + BOX_HEADER_BYTES)
  // Before all of it is read.
  if (!moof || moof.size > MAX_TRIED_BYTES || mfhd?.type !== 'mfhd') return false
  if ((await boxAt(read, start + moof.size))?.type !== 'mdat') return false
  try {
    const { value } = await scanFragments(read, head, start).next()
    return value?.startOffset === start
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/**
 * What the final `moov` counts.
 *
 * @param moovOffset - Where it begins, as `scanHead` tells it of a closed file.
 * @throws {ProtocolError} `MP4_INVALID` when it is not whole.
 */
export async function readFinalCounts(
  read: ReadAt,
  moovOffset: number,
): Promise<{ samples: number; keyframes: number }> {
  const moov = await boxAt(read, moovOffset)
  if (!moov) throw invalid('has no final moov')
  const reader = new Reader(await read(moovOffset, moov.size))
  const stbl = ['moov', 'trak', 'mdia', 'minf', 'stbl']
  const samples = reader.find(...stbl, 'stsz')?.u32(8) ?? 0
  return { samples, keyframes: reader.find(...stbl, 'stss')?.u32(4) ?? samples }
}

/** Big-endian values of a byte string; reading past its end throws `MP4_INVALID`. */
class Reader {
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get size(): number {
    return this.bytes.length
  }

  u32(at: number): number {
    this.#check(at, 4)
    return this.#view.getUint32(at)
  }

  i32(at: number): number {
    this.#check(at, 4)
    return this.#view.getInt32(at)
  }

  u64(at: number): number {
    return this.u32(at) * 2 ** 32 + this.u32(at + 4)
  }

  type(at: number): string {
    this.#check(at, 4)
    return String.fromCharCode(...this.bytes.subarray(at, at + 4))
  }

  /** The content of a box found by its path of types, from the first byte's box on; undefined when there is none. */
  find(...path: string[]): Reader | undefined {
    let at = 0
    let end = this.size
    for (const [depth, type] of path.entries()) {
      let found = -1
      for (let next = at; next + BOX_HEADER_BYTES <= end && found < 0; next += this.u32(next)) {
        if (this.type(next + 4) === type) found = next
        else if (this.u32(next) < BOX_HEADER_BYTES) return undefined
      }
      if (found < 0) return undefined
      end = Math.min(end, found + this.u32(found))
      at = found + BOX_HEADER_BYTES
      if (depth === path.length - 1) return new Reader(this.bytes.subarray(at, end))
    }
    return undefined
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.size) throw invalid('has a box that is shorter than its fields')
  }
}

/** Compatible brands, behind the major one and its version (4.3.2). */
function brandsOf(ftyp: Reader): string[] {
  return Array.from({ length: Math.max(0, (ftyp.size - 16) >> 2) }, (_, i) => ftyp.type(16 + 4 * i))
}

function readMoov(moov: Reader, brands: string[]): { track: VideoTrack; shiftTicks: number } {
  const mvhd = moov.find('moov', 'mvhd')
  const tkhd = moov.find('moov', 'trak', 'tkhd')
  const stsd = moov.find('moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd')
  const elst = moov.find('moov', 'trak', 'edts', 'elst')
  const trex = moov.find('moov', 'mvex', 'trex')
  if (!mvhd || !tkhd || !stsd) throw invalid('has a moov without mvhd, tkhd or stsd')
  const track: VideoTrack = {
    sampleEntry: stsd.bytes.slice(8, 8 + stsd.u32(8)),
    brands,
    isEverySync: trex !== undefined && isSync(trex.u32(20)),
    displayWidth: tkhd.u32(tkhd.size - 8) / 65536,
    displayHeight: tkhd.u32(tkhd.size - 4) / 65536,
    createdMs: (mvhd.u64(4) - SECONDS_1904_TO_1970) * 1000,
  }
  return { track, shiftTicks: elst ? elst.u64(16) : 0 }
}

/** Samples of one `moof` as `Mp4Writer` lays it out. */
function readMoof(moof: Reader, isEverySync: boolean): TableSample[] {
  const tfdt = moof.find('moof', 'traf', 'tfdt')
  const trun = moof.find('moof', 'traf', 'trun')
  if (!tfdt || !trun) return []
  const withOffsets = (trun.u32(0) & 0x800) !== 0
  const count = trun.u32(4)
  const sampleBytes = withOffsets ? 12 : 8
  if (16 + count * sampleBytes > trun.size) return []
  const samples: TableSample[] = []
  let decodeTicks = tfdt.u64(4)
  for (let i = 0; i < count; i += 1) {
    const at = 16 + i * sampleBytes
    samples.push({
      decodeTicks,
      compositionTicks: decodeTicks + (withOffsets ? trun.i32(at + 8) : 0),
      sizeBytes: trun.u32(at + 4),
      keyframe: i === 0 ? isSync(trun.u32(12)) : isEverySync,
    })
    decodeTicks += trun.u32(at)
  }
  return samples
}

/** Of a sample's flags (8.8.3.1). */
function isSync(flags: number): boolean {
  return (flags & NON_SYNC_BIT) === 0
}

/** The box that begins at a byte; undefined where none does. */
export async function boxAt(
  read: ReadAt,
  offset: number,
): Promise<{ type: string; size: number } | undefined> {
  const bytes = await read(offset, BOX_HEADER_BYTES)
  if (bytes.length < BOX_HEADER_BYTES) return undefined
  const header = new Reader(bytes)
  const size = header.u32(0)
  return size < BOX_HEADER_BYTES ? undefined : { type: header.type(4), size }
}

function invalid(what: string): ProtocolError {
  return new ProtocolError('MP4_INVALID', `a stream.mp4 of Rollcall ${what}`)
}
