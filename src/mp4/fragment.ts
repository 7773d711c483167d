/**
 * What stands before the samples of a fragment: `moof` and the header of `mdat`.
 *
 * Pure. Clauses are of ISO/IEC 14496-12:2022. Written twice a second for every camera, so in one piece: every field
 * is of 32 bits, or of two of these.
 */

import { BOX_HEADER_BYTES, typeCode, u32List } from './boxes.ts'
import { NON_SYNC_SAMPLE, SYNC_SAMPLE } from './track.ts'

const TYPES = {
  moof: typeCode('moof'),
  mfhd: typeCode('mfhd'),
  traf: typeCode('traf'),
  tfhd: typeCode('tfhd'),
  tfdt: typeCode('tfdt'),
  trun: typeCode('trun'),
  mdat: typeCode('mdat'),
} as const
/** Sizes of the boxes whose size is fixed. */
const MFHD_BYTES = 16
const TFHD_BYTES = 16
const TFDT_BYTES = 20
/** `trun` without its samples. */
const TRUN_HEAD_BYTES = 24
const VERSION_1 = 1 << 24
/** `tfhd` flag: offsets count from the start of the `moof` (8.8.7.1). */
const DEFAULT_BASE_IS_MOOF = 0x020000
/** `trun` flags: data offset, first sample's flags, duration, size, composition offset (8.8.8.1). */
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, composition: 0x800 } as const
const TRUN_FLAGS = TRUN.dataOffset | TRUN.firstFlags | TRUN.duration | TRUN.size

/** One fragment. Only its first sample may be a keyframe, unless `trex` says that all are. */
export interface Fragment {
  /** 1 for the first of the file. */
  number: number
  samples: readonly { presentationTicks: number; sizeBytes: number; keyframe: boolean }[]
  /** Of each sample, strictly increasing. */
  decodeTicks: readonly number[]
  lastDurationTicks: number
  /** Composition time less presentation time. */
  shiftTicks: number
}

/** `moof` and the header of its `mdat` (8.8.4 to 8.8.12). */
export function fragmentHeader(fragment: Fragment): Uint8Array {
  const { samples, decodeTicks, shiftTicks, number } = fragment
  const withOffsets = samples.some((s, i) => s.presentationTicks + shiftTicks !== decodeTicks[i])
  const flags = VERSION_1 | TRUN_FLAGS | (withOffsets ? TRUN.composition : 0)
  const trunBytes = TRUN_HEAD_BYTES + samples.length * (withOffsets ? 12 : 8)
  const trafBytes = BOX_HEADER_BYTES + TFHD_BYTES + TFDT_BYTES + trunBytes
  const moofBytes = BOX_HEADER_BYTES + MFHD_BYTES + trafBytes
  const dataOffset = moofBytes + BOX_HEADER_BYTES
  const startTicks = decodeTicks[0]!
  const fields = [moofBytes, TYPES.moof, MFHD_BYTES, TYPES.mfhd, 0, number, trafBytes, TYPES.traf]
  fields.push(TFHD_BYTES, TYPES.tfhd, DEFAULT_BASE_IS_MOOF, 1)
  fields.push(TFDT_BYTES, TYPES.tfdt, VERSION_1, Math.floor(startTicks / 2 ** 32), startTicks % 2 ** 32)
  fields.push(trunBytes, TYPES.trun, flags, samples.length, dataOffset)
  fields.push(samples[0]!.keyframe ? SYNC_SAMPLE : NON_SYNC_SAMPLE)
  let dataBytes = 0
  for (let i = 0; i < samples.length; i += 1) {
    const { presentationTicks, sizeBytes } = samples[i]!
    const next = decodeTicks[i + 1]
    fields.push(next === undefined ? fragment.lastDurationTicks : next - decodeTicks[i]!, sizeBytes)
    if (withOffsets) fields.push(presentationTicks + shiftTicks - decodeTicks[i]!)
    dataBytes += sizeBytes
  }
  fields.push(BOX_HEADER_BYTES + dataBytes, TYPES.mdat)
  return u32List(fields)
}
