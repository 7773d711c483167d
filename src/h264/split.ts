/**
 * Byte streams to access units (H.264 7.4.1.2.3, 7.4.1.2.4): for streams that no phone has cut for us.
 *
 * Pure. The access units joined are byte for byte the stream. Unlike the standard, both fields of a frame
 * make one access unit where nothing stands between them, as encoders hand them out and MP4 samples hold them.
 */

import { NAL } from './annexb.ts'
import {
  completesFrame,
  differentPictures,
  SLICE_HEADER_BYTES,
  type SliceIdentity,
  SliceReader,
} from './slice-header.ts'

/** `nal_unit_type` values that may stand before the first slice of a picture, but never behind it: 6 to 9, 14 to 18. */
const BEGINS_ACCESS_UNIT = new Set<number>([NAL.sei, NAL.sps, NAL.pps, NAL.aud, 14, 15, 16, 17, 18])
const SLICES = new Set<number>([NAL.slice, NAL.partitionA, NAL.idr])
/** Sets of parameters and what may stand before them: SPS, PPS, AUD, SPS extension, subset SPS. */
const CONFIGURATION = new Set<number>([NAL.sps, NAL.pps, NAL.aud, 13, 15])

/** Cuts a stream that comes piece by piece. An access unit is known to be whole once the next one has begun. */
export class AccessUnitSplitter {
  readonly #slices = new SliceReader()
  /** Begins with the access unit that is not whole yet. */
  #bytes: Uint8Array = new Uint8Array()
  /** Start codes before here are dealt with. */
  #scanned = 0
  /** Header byte of the latest NAL unit; -1 before the first. */
  #unitStart = -1
  /** First slice of the picture in `#bytes`; undefined while there is none. */
  #picture: SliceIdentity | undefined
  /** A slice was there that could not be read. */
  #unreadable = false
  #secondField = false

  /**
   * Takes the next bytes of the stream.
   *
   * @param bytes - Cut anywhere. They may be kept and handed out again as views: do not write to them afterwards.
   * @returns The access units that became whole, mostly none or one.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : joined(this.#bytes, bytes)
    return this.#cut(this.#bytes.length - SLICE_HEADER_BYTES)
  }

  /** Ends the stream: what is left becomes whole. The splitter may then be used for another stream. */
  end(): Uint8Array[] {
    const units = this.#cut(this.#bytes.length - 1)
    if (this.#bytes.length > 0) units.push(this.#bytes)
    this.#bytes = new Uint8Array()
    this.#scanned = 0
    this.#unitStart = -1
    this.#beginPicture()
    return units
  }

  /** Deals with the NAL units whose header byte lies at `lastHeader` or before. */
  #cut(lastHeader: number): Uint8Array[] {
    const units: Uint8Array[] = []
    const bytes = this.#bytes
    let begin = 0
    for (
      let one = bytes.indexOf(1, this.#scanned);
      one >= 0 && one < lastHeader;
      one = bytes.indexOf(1, one + 1)
    ) {
      this.#scanned = one + 1
      if (one < 2 || bytes[one - 1] !== 0 || bytes[one - 2] !== 0) continue
      const codeStart = bytes[one - 3] === 0 ? one - 3 : one - 2
      if (this.#unitStart >= 0) this.#slices.learn(bytes.subarray(this.#unitStart, codeStart))
      this.#unitStart = one + 1
      if (!this.#beginsAccessUnit(bytes.subarray(one + 1))) continue
      units.push(bytes.subarray(begin, codeStart))
      begin = codeStart
    }
    this.#scanned = Math.max(this.#scanned, Math.min(lastHeader, bytes.length)) - begin
    if (this.#unitStart >= 0) this.#unitStart -= begin
    this.#bytes = bytes.subarray(begin)
    return units
  }

  /** Whether a NAL unit is the first of the next access unit; keeps what it says of the picture. */
  #beginsAccessUnit(unit: Uint8Array): boolean {
    const type = unit[0]! & 31
    const begun = this.#picture !== undefined || this.#unreadable
    if (BEGINS_ACCESS_UNIT.has(type)) {
      if (begun) this.#beginPicture()
      return begun
    }
    if (!SLICES.has(type)) return false
    const slice = this.#slices.read(unit)
    if (!slice) {
      this.#unreadable = true
      return false
    }
    const before = this.#picture
    if (before && (slice.redundant || !this.#isNewPicture(before, slice))) return false
    if (before && !this.#secondField && completesFrame(before, slice)) {
      this.#secondField = true
      this.#picture = slice
      return false
    }
    this.#beginPicture(slice)
    return before !== undefined
  }

  #isNewPicture(before: SliceIdentity, slice: SliceIdentity): boolean {
    // Some encoders give every IDR picture the same idr_pic_id: the first macroblock coming again tells them apart.
    const beginsAgain = slice.firstMacroblock === 0 && before.firstMacroblock === 0
    return differentPictures(before, slice) || (beginsAgain && slice.colourPlane === before.colourPlane)
  }

  #beginPicture(slice?: SliceIdentity): void {
    this.#picture = slice
    this.#unreadable = false
    this.#secondField = false
  }
}

/** Cuts a whole stream into access units, as views. */
export function splitAccessUnits(stream: Uint8Array): Uint8Array[] {
  const splitter = new AccessUnitSplitter()
  return [...splitter.push(stream), ...splitter.end()]
}

/**
 * Splits the leading parameter sets off an access unit, as encoders hand them out: apart, before the first picture.
 *
 * @returns Views: `configuration` with the leading SPS and PPS (and the AUD and SPS extensions among them), empty
 *   when there are none; `picture` with the rest, empty when nothing else is there. Joined they are the input.
 */
export function configurationOf(accessUnit: Uint8Array): { configuration: Uint8Array; picture: Uint8Array } {
  let cut = accessUnit.length
  let parameterSets = false
  for (let one = accessUnit.indexOf(1, 2); one >= 0; one = accessUnit.indexOf(1, one + 1)) {
    if (accessUnit[one - 1] !== 0 || accessUnit[one - 2] !== 0 || one + 1 >= accessUnit.length) continue
    const type = accessUnit[one + 1]! & 31
    if (!CONFIGURATION.has(type)) {
      cut = accessUnit[one - 3] === 0 ? one - 3 : one - 2
      break
    }
    parameterSets ||= type === NAL.sps || type === NAL.pps
  }
  if (!parameterSets) cut = 0
  return { configuration: accessUnit.subarray(0, cut), picture: accessUnit.subarray(cut) }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}
