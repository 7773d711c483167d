/** Access units: what one frame packet's payload holds. Pure. */

import { ProtocolError } from '../errors.ts'
import { findNalUnits, NAL } from './annexb.ts'
import { BitReader, rbspOf } from './bits.ts'

/** `payloadType` of the recovery point SEI message (H.264 D.1.8). */
const SEI_RECOVERY_POINT = 6
/** No picture has more: a slice for each row of macroblocks makes some hundreds. */
const MAX_NAL_UNITS = 10_000
/** So far into an SEI unit a recovery point is looked for: what it follows may be user data of any size. */
const MAX_SEI_BYTES = 65_536
/** A slice header's first three fields never take more bytes than this, emulation prevention included. */
const SLICE_PREFIX_BYTES = 16

/** The NAL units of one payload, and what they make it. */
export interface AccessUnit {
  /** Annex B bytes as they came. */
  bytes: Uint8Array
  /** Flat pairs of byte offsets into `bytes`, as `findNalUnits` gives them. */
  units: number[]
  /** There is at least one slice: this is a picture, not a configuration packet. */
  picture: boolean
  /** Decoding can start here: an IDR picture or a recovery point. */
  keyframe: boolean
  /** There is at least one SPS or PPS. */
  parameterSets: boolean
}

/**
 * Looks through one payload.
 *
 * @throws {ProtocolError} `H264_NO_NAL_UNIT` or `H264_TOO_MANY_NAL_UNITS`.
 */
export function readAccessUnit(bytes: Uint8Array): AccessUnit {
  const units = findNalUnits(bytes)
  if (units.length === 0)
    throw new ProtocolError(
      'H264_NO_NAL_UNIT',
      `a payload is H.264 Annex B with at least one NAL unit; got ${bytes.length} bytes without any`,
    )
  if (units.length / 2 > MAX_NAL_UNITS)
    throw new ProtocolError(
      'H264_TOO_MANY_NAL_UNITS',
      `a payload holds at most ${MAX_NAL_UNITS} NAL units; got ${units.length / 2}`,
    )
  const unit: AccessUnit = { bytes, units, picture: false, keyframe: false, parameterSets: false }
  let recovery = false
  for (let i = 0; i < units.length; i += 2) {
    const type = bytes[units[i]!]! & 31
    if (type === NAL.slice || type === NAL.partitionA) unit.picture = true
    else if (type === NAL.idr) unit.picture = unit.keyframe = true
    else if (type === NAL.sps || type === NAL.pps) unit.parameterSets = true
    else if (type === NAL.sei) recovery ||= hasRecoveryPoint(bytes.subarray(units[i], units[i + 1]))
  }
  if (recovery && unit.picture) unit.keyframe = true
  return unit
}

/** A payload that is looked through when somebody first asks, and then never again, however many ask. */
export class PayloadReading {
  readonly bytes: Uint8Array
  readonly #read: (bytes: Uint8Array) => AccessUnit
  #unit: AccessUnit | undefined
  #error: unknown

  /** @param read - For payloads that are no H.264: makes the whole of one a unit. */
  constructor(bytes: Uint8Array, read = readAccessUnit) {
    this.bytes = bytes
    this.#read = read
  }

  /** @throws {ProtocolError} as `read`, each time. */
  get unit(): AccessUnit {
    if (this.#unit) return this.#unit
    if (this.#error) throw this.#error
    try {
      this.#unit = this.#read(this.bytes)
    } catch (error) {
      this.#error = error
      throw error
    }
    return this.#unit
  }

  /** undefined for what cannot be read. */
  get unitIfAny(): AccessUnit | undefined {
    try {
      return this.unit
    } catch {
      return undefined
    }
  }
}

/** `pic_parameter_set_id` of the first slice, undefined when there is no slice or its header cannot be read. */
export function pictureParameterSetId({ bytes, units }: AccessUnit): number | undefined {
  for (let i = 0; i < units.length; i += 2) {
    const type = bytes[units[i]!]! & 31
    if (type !== NAL.slice && type !== NAL.partitionA && type !== NAL.idr) continue
    const end = Math.min(units[i + 1]!, units[i]! + SLICE_PREFIX_BYTES)
    try {
      const r = new BitReader(rbspOf(bytes.subarray(units[i], end)), 8)
      r.ue()
      r.ue()
      return r.ue()
    } catch {
      return undefined
    }
  }
  return undefined
}

/** Walks the SEI messages of one NAL unit (7.3.2.3.1). */
function hasRecoveryPoint(unit: Uint8Array): boolean {
  const bytes = rbspOf(unit.subarray(0, MAX_SEI_BYTES))
  let at = 1
  // The last byte holds rbsp_trailing_bits.
  while (at + 2 < bytes.length) {
    let type = 0
    while (bytes[at] === 255) type += bytes[at++]!
    type += bytes[at++] ?? 0
    if (type === SEI_RECOVERY_POINT) return true
    let size = 0
    while (bytes[at] === 255) size += bytes[at++]!
    size += bytes[at++] ?? 0
    at += size
  }
  return false
}
