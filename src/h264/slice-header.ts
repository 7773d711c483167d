/**
 * The part of slice headers that tells one picture from the next (H.264 7.3.3, 7.4.1.2.4). Pure.
 */

import { NAL } from './annexb.ts'
import { BitReader, rbspOf } from './bits.ts'
import { HIGH_PROFILES, skipScalingLists } from './sps.ts'

/** What two slices of one primary coded picture have in common, and where the slice lies in it. */
export interface SliceIdentity {
  /** `first_mb_in_slice`. */
  firstMacroblock: number
  ppsId: number
  /** `colour_plane_id`; 0 but in 4:4:4 with separate planes. */
  colourPlane: number
  reference: boolean
  idr: boolean
  /** undefined in each of these: the slice does not carry it, or its parameter sets are not known. */
  frameNumber: number | undefined
  field: 'top' | 'bottom' | undefined
  idrPictureId: number | undefined
  /** `pic_order_cnt_lsb` and `delta_pic_order_cnt*`, as far as they are there. */
  orderCounts: readonly number[]
  /** `redundant_pic_cnt` above 0: the slice repeats a part of a picture that is there already. */
  redundant: boolean
}

/** Fields of an SPS that slice headers depend on. */
interface SpsFields {
  separateColourPlanes: boolean
  frameNumberBits: number
  orderCountType: number
  orderCountBits: number
  orderDeltaAlwaysZero: boolean
  framesOnly: boolean
}

/** Fields of a PPS that slice headers depend on. */
interface PpsFields {
  spsId: number
  bottomOrderPresent: boolean
  redundantPresent: boolean
}

/** A slice header up to `redundant_pic_cnt` never takes more bytes than this, start of the NAL unit included. */
export const SLICE_HEADER_BYTES = 64
/** Table 7-6. */
const LARGEST_SLICE_TYPE = 9

/** Reads slice headers by the parameter sets seen so far. */
export class SliceReader {
  readonly #sps = new Map<number, SpsFields>()
  readonly #pps = new Map<number, PpsFields>()

  /** Takes a NAL unit (header byte included, no start code) if it is an SPS or PPS; one that cannot be read is left out. */
  learn(unit: Uint8Array): void {
    const type = unit[0]! & 31
    if (type !== NAL.sps && type !== NAL.pps) return
    try {
      const r = new BitReader(rbspOf(unit), 8)
      if (type === NAL.sps) readSps(r, this.#sps)
      else readPps(r, this.#pps)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }

  /**
   * Reads the beginning of a slice.
   *
   * @param unit - NAL unit of type 1, 2 or 5, header byte included; `SLICE_HEADER_BYTES` of it are enough.
   * @returns undefined when it cannot be read.
   */
  read(unit: Uint8Array): SliceIdentity | undefined {
    try {
      return this.#read(unit)
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }

  #read(unit: Uint8Array): SliceIdentity | undefined {
    const r = new BitReader(rbspOf(unit.subarray(0, SLICE_HEADER_BYTES)), 8)
    const idr = (unit[0]! & 31) === NAL.idr
    const firstMacroblock = r.ue()
    if (r.ue() > LARGEST_SLICE_TYPE) return undefined
    const ppsId = r.ue()
    const pps = this.#pps.get(ppsId)
    const sps = pps && this.#sps.get(pps.spsId)
    const identity: SliceIdentity = {
      firstMacroblock,
      ppsId,
      colourPlane: 0,
      reference: (unit[0]! & 0x60) !== 0,
      idr,
      frameNumber: undefined,
      field: undefined,
      idrPictureId: undefined,
      orderCounts: [],
      redundant: false,
    }
    if (!sps) return identity
    if (sps.separateColourPlanes) identity.colourPlane = r.bits(2)
    identity.frameNumber = r.bits(sps.frameNumberBits)
    if (!sps.framesOnly && r.flag()) identity.field = r.flag() ? 'bottom' : 'top'
    if (idr) identity.idrPictureId = r.ue()
    const deltas = pps.bottomOrderPresent && identity.field === undefined
    if (sps.orderCountType === 0)
      identity.orderCounts = [r.bits(sps.orderCountBits), ...(deltas ? [r.se()] : [])]
    else if (sps.orderCountType === 1 && !sps.orderDeltaAlwaysZero)
      identity.orderCounts = [r.se(), ...(deltas ? [r.se()] : [])]
    identity.redundant = pps.redundantPresent && r.ue() > 0
    return identity
  }
}

/** Whether two slices that follow each other belong to different primary coded pictures (7.4.1.2.4). */
export function differentPictures(a: SliceIdentity, b: SliceIdentity): boolean {
  return (
    a.ppsId !== b.ppsId ||
    a.frameNumber !== b.frameNumber ||
    a.field !== b.field ||
    a.reference !== b.reference ||
    a.idr !== b.idr ||
    a.idrPictureId !== b.idrPictureId ||
    a.orderCounts.length !== b.orderCounts.length ||
    a.orderCounts.some((count, i) => count !== b.orderCounts[i])
  )
}

/** Whether `b` is the field that completes the frame begun by the field `a`. */
export function completesFrame(a: SliceIdentity, b: SliceIdentity): boolean {
  const opposite = a.field !== undefined && b.field !== undefined && a.field !== b.field
  return opposite && a.frameNumber === b.frameNumber && !b.idr
}

function readSps(r: BitReader, known: Map<number, SpsFields>): void {
  const profile = r.bits(8)
  r.skip(16)
  const id = r.ue()
  let separateColourPlanes = false
  if (HIGH_PROFILES.has(profile)) {
    const chromaFormat = r.ue()
    if (chromaFormat === 3) separateColourPlanes = r.flag()
    r.ue()
    r.ue()
    r.skip(1)
    if (r.flag()) skipScalingLists(r, chromaFormat === 3 ? 12 : 8)
  }
  const frameNumberBits = r.ue() + 4
  const orderCountType = r.ue()
  const orderCountBits = orderCountType === 0 ? r.ue() + 4 : 0
  let orderDeltaAlwaysZero = false
  if (orderCountType === 1) {
    orderDeltaAlwaysZero = r.flag()
    r.se()
    r.se()
    for (let left = r.ue(); left > 0; left -= 1) r.se()
  }
  r.ue()
  r.skip(1)
  r.ue()
  r.ue()
  const framesOnly = r.flag()
  // At most 16 bits each (7.4.2.1.1).
  if (frameNumberBits > 16 || orderCountBits > 16) return
  known.set(id, {
    separateColourPlanes,
    frameNumberBits,
    orderCountType,
    orderCountBits,
    orderDeltaAlwaysZero,
    framesOnly,
  })
}

function readPps(r: BitReader, known: Map<number, PpsFields>): void {
  const id = r.ue()
  const spsId = r.ue()
  r.skip(1)
  const bottomOrderPresent = r.flag()
  const sliceGroups = r.ue() + 1
  if (sliceGroups > 1) skipSliceGroups(r, sliceGroups)
  r.ue()
  r.ue()
  r.skip(3)
  r.se()
  r.se()
  r.se()
  r.skip(2)
  known.set(id, { spsId, bottomOrderPresent, redundantPresent: r.flag() })
}

function skipSliceGroups(r: BitReader, groups: number): void {
  const type = r.ue()
  if (type === 0) for (let group = 0; group < groups; group += 1) r.ue()
  else if (type === 2) for (let field = 0; field < 2 * (groups - 1); field += 1) r.ue()
  else if (type >= 3 && type <= 5) {
    r.skip(1)
    r.ue()
  } else if (type === 6) {
    const units = r.ue() + 1
    r.skip(units * Math.ceil(Math.log2(groups)))
  }
}
