/** Sequence and picture parameter sets (H.264 7.3.2.1, 7.3.2.2, E.1.1). Pure. */

import { ProtocolError } from '../errors.ts'
import { BitReader, rbspOf } from './bits.ts'

/** What a sequence parameter set says of the pictures. */
export interface Sps {
  id: number
  /** `profile_idc`. */
  profileIdc: number
  /** The byte of constraint_set flags. */
  constraints: number
  /** `level_idc`. */
  levelIdc: number
  chromaFormat: number
  bitDepthLuma: number
  bitDepthChroma: number
  /** Size shown, in pixels: cropping applied. */
  width: number
  height: number
  /** Sample aspect ratio; 1:1 when it is not given. */
  sar: { width: number; height: number }
  /** Colour description by ISO/IEC 23091-2 code points, when it is given. */
  colour: { primaries: number; transfer: number; matrix: number; fullRange: boolean } | undefined
  /** Pictures that may be reordered; undefined when the stream does not say. */
  maxReorderPictures: number | undefined
}

/** Profiles whose SPS carries chroma format, bit depths and scaling lists (7.3.2.1.1). */
export const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Table E-1: aspect_ratio_idc 1 to 16. */
const SAMPLE_ASPECT_RATIOS: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
]
const EXTENDED_SAR = 255
/** No level allows a larger side than this many pixels (A.3.1: sqrt of 8 times MaxFS 139264 macroblocks). */
const MAX_SIDE_PIXELS = 16_896

/** avcC has 16 bits for the length of a parameter set (ISO/IEC 14496-15, 5.3.3.1). */
const MAX_SET_BYTES = 65_535

/**
 * Reads a sequence parameter set.
 *
 * @param unit - The NAL unit, header byte included, without start code.
 * @throws {ProtocolError} `H264_SPS_INVALID`.
 */
export function parseSps(unit: Uint8Array): Sps {
  try {
    checkSize(unit)
    return readSps(rbspOf(unit))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ProtocolError(
      'H264_SPS_INVALID',
      `a sequence parameter set of ${unit.length} bytes ${cause.message}`,
    )
  }
}

/**
 * Reads the ids of a picture parameter set.
 *
 * @throws {ProtocolError} `H264_PPS_INVALID`.
 */
export function parsePps(unit: Uint8Array): { id: number; spsId: number } {
  try {
    checkSize(unit)
    const r = new BitReader(rbspOf(unit.subarray(0, 24)), 8)
    return {
      id: inRange('pic_parameter_set_id', r.ue(), 255),
      spsId: inRange('seq_parameter_set_id', r.ue(), 31),
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ProtocolError(
      'H264_PPS_INVALID',
      `a picture parameter set of ${unit.length} bytes ${cause.message}`,
    )
  }
}

/** RFC 6381 codec string: `avc1.42C01E`. */
export function codecString(sps: Sps): string {
  const hex = [sps.profileIdc, sps.constraints, sps.levelIdc].map((b) => b.toString(16).padStart(2, '0'))
  return `avc1.${hex.join('').toUpperCase()}`
}

/** The profile's name (Annex A). */
export function profileName(sps: Sps): string {
  const { profileIdc, constraints } = sps
  if (profileIdc === 66) return constraints & 0x40 ? 'Constrained Baseline' : 'Baseline'
  if (profileIdc === 100) return (constraints & 0x0c) === 0x0c ? 'Constrained High' : 'High'
  const names: Record<number, string> = {
    77: 'Main',
    88: 'Extended',
    110: 'High 10',
    122: 'High 4:2:2',
    244: 'High 4:4:4 Predictive',
  }
  return names[profileIdc] ?? `profile ${profileIdc}`
}

function checkSize(unit: Uint8Array): void {
  if (unit.length > MAX_SET_BYTES)
    throw new RangeError(`is too large; at most ${MAX_SET_BYTES} bytes are allowed`)
}

function readSps(bytes: Uint8Array): Sps {
  const r = new BitReader(bytes, 8)
  const profileIdc = r.bits(8)
  const constraints = r.bits(8)
  const levelIdc = r.bits(8)
  const id = inRange('seq_parameter_set_id', r.ue(), 31)
  let chromaFormat = 1
  let bitDepthLuma = 8
  let bitDepthChroma = 8
  if (HIGH_PROFILES.has(profileIdc)) {
    chromaFormat = inRange('chroma_format_idc', r.ue(), 3)
    if (chromaFormat === 3) r.flag()
    bitDepthLuma = 8 + inRange('bit_depth_luma_minus8', r.ue(), 6)
    bitDepthChroma = 8 + inRange('bit_depth_chroma_minus8', r.ue(), 6)
    r.flag()
    if (r.flag()) skipScalingLists(r, chromaFormat === 3 ? 12 : 8)
  }
  r.ue()
  skipPictureOrderCount(r)
  r.ue()
  r.flag()
  const widthInMbs = inRange('pic_width_in_mbs_minus1', r.ue(), MAX_SIDE_PIXELS / 16) + 1
  const heightInMapUnits = inRange('pic_height_in_map_units_minus1', r.ue(), MAX_SIDE_PIXELS / 16) + 1
  const frameMbsOnly = r.flag()
  if (!frameMbsOnly) r.flag()
  r.flag()
  const fieldFactor = frameMbsOnly ? 1 : 2
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1
  const cropY = (chromaFormat === 1 ? 2 : 1) * fieldFactor
  const crop = r.flag() ? { left: r.ue(), right: r.ue(), top: r.ue(), bottom: r.ue() } : undefined
  const width = widthInMbs * 16 - cropX * (crop ? crop.left + crop.right : 0)
  const height = heightInMapUnits * 16 * fieldFactor - cropY * (crop ? crop.top + crop.bottom : 0)
  if (width <= 0 || height <= 0) throw new RangeError(`crops its picture to ${width}x${height}`)
  const base = {
    id,
    profileIdc,
    constraints,
    levelIdc,
    chromaFormat,
    bitDepthLuma,
    bitDepthChroma,
    width,
    height,
  }
  return { ...base, ...readVui(r) }
}

function skipPictureOrderCount(r: BitReader): void {
  const type = inRange('pic_order_cnt_type', r.ue(), 2)
  if (type === 0) r.ue()
  if (type !== 1) return
  r.flag()
  r.se()
  r.se()
  for (let left = inRange('num_ref_frames_in_pic_order_cnt_cycle', r.ue(), 255); left > 0; left -= 1) r.se()
}

/** Reads over the scaling lists of an SPS (7.3.2.1.1.1). */
export function skipScalingLists(r: BitReader, lists: number): void {
  for (let list = 0; list < lists; list += 1) {
    if (!r.flag()) continue
    let last = 8
    let next = 8
    for (let i = 0; i < (list < 6 ? 16 : 64); i += 1) {
      if (next !== 0) next = (last + r.se() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

function readVui(r: BitReader): Pick<Sps, 'sar' | 'colour' | 'maxReorderPictures'> {
  const vui: Pick<Sps, 'sar' | 'colour' | 'maxReorderPictures'> = {
    sar: { width: 1, height: 1 },
    colour: undefined,
    maxReorderPictures: undefined,
  }
  try {
    if (r.flag()) fillVui(r, vui)
  } catch (cause) {
    // Some encoders cut their VUI short: it only describes, so what was read so far stands.
    if (!(cause instanceof RangeError)) throw cause
  }
  return vui
}

function fillVui(r: BitReader, vui: Pick<Sps, 'sar' | 'colour' | 'maxReorderPictures'>): void {
  if (r.flag()) {
    const idc = r.bits(8)
    const [width, height] =
      idc === EXTENDED_SAR ? [r.bits(16), r.bits(16)] : (SAMPLE_ASPECT_RATIOS[idc - 1] ?? [1, 1])
    if (width > 0 && height > 0) vui.sar = { width, height }
  }
  if (r.flag()) r.flag()
  if (r.flag()) {
    r.bits(3)
    const fullRange = r.flag()
    if (r.flag()) vui.colour = { primaries: r.bits(8), transfer: r.bits(8), matrix: r.bits(8), fullRange }
    // 2 is "unspecified" in each of the three code points.
    else if (fullRange) vui.colour = { primaries: 2, transfer: 2, matrix: 2, fullRange }
  }
  if (r.flag()) {
    r.ue()
    r.ue()
  }
  if (r.flag()) r.skip(32 + 32 + 1)
  const nalHrd = r.flag()
  if (nalHrd) skipHrd(r)
  const vclHrd = r.flag()
  if (vclHrd) skipHrd(r)
  if (nalHrd || vclHrd) r.flag()
  r.flag()
  if (!r.flag()) return
  r.flag()
  for (let i = 0; i < 4; i += 1) r.ue()
  vui.maxReorderPictures = r.ue()
}

function skipHrd(r: BitReader): void {
  const count = inRange('cpb_cnt_minus1', r.ue(), 31) + 1
  r.skip(8)
  for (let i = 0; i < count; i += 1) {
    r.ue()
    r.ue()
    r.skip(1)
  }
  r.skip(20)
}

function inRange(field: string, value: number, max: number): number {
  if (value > max) throw new RangeError(`has ${field} = ${value}; at most ${max} is allowed`)
  return value
}
