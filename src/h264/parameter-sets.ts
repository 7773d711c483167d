/** The parameter sets of one stream: which are known, and which a picture uses. Pure. */

import { type AccessUnit, pictureParameterSetId } from './access-unit.ts'
import { NAL } from './annexb.ts'
import { parsePps, parseSps, type Sps } from './sps.ts'

/** What a decoder needs before the first picture. */
export interface DecoderConfiguration {
  /** The SPS that the picture uses. */
  sps: Sps
  /** All known SPS NAL units by ascending id, then all known PPS NAL units. Header byte included, no start code. */
  spsUnits: Uint8Array[]
  ppsUnits: Uint8Array[]
}

/** Keeps the newest SPS and PPS of each id. */
export class ParameterSets {
  readonly #sps = new Map<number, Uint8Array>()
  readonly #pps = new Map<number, { unit: Uint8Array; spsId: number }>()

  /**
   * Takes the SPS and PPS units of an access unit; the bytes are copied.
   *
   * @returns Whether any of them is new or differs from the one known by its id.
   * @throws {ProtocolError} `H264_SPS_INVALID` or `H264_PPS_INVALID`; the units behind the bad one are taken.
   */
  add({ bytes, units }: AccessUnit): boolean {
    let changed = false
    const seen = new Set<string>()
    // From the last unit on: of two sets with one id in an access unit, the later one holds.
    for (let i = units.length - 2; i >= 0; i -= 2) {
      const unit = bytes.subarray(units[i], units[i + 1])
      const type = unit[0]! & 31
      if (type !== NAL.sps && type !== NAL.pps) continue
      const { id, spsId } = type === NAL.sps ? { ...parseSps(unit), spsId: 0 } : parsePps(unit)
      if (seen.has(`${type} ${id}`)) continue
      seen.add(`${type} ${id}`)
      const known = type === NAL.sps ? this.#sps.get(id) : this.#pps.get(id)?.unit
      if (sameBytes(known, unit)) continue
      if (type === NAL.sps) this.#sps.set(id, unit.slice())
      else this.#pps.set(id, { unit: unit.slice(), spsId })
      changed = true
    }
    return changed
  }

  /**
   * What decoding needs to start at this picture.
   *
   * @returns undefined while the sets that its first slice names are not known.
   */
  configurationFor(picture: AccessUnit): DecoderConfiguration | undefined {
    const ppsId = pictureParameterSetId(picture)
    const pps = ppsId === undefined ? undefined : this.#pps.get(ppsId)
    const active = pps && this.#sps.get(pps.spsId)
    if (!active) return undefined
    const byId = <T>(map: Map<number, T>) =>
      [...map.entries()].sort(([a], [b]) => a - b).map(([, value]) => value)
    return {
      sps: parseSps(active),
      spsUnits: byId(this.#sps),
      ppsUnits: byId(this.#pps).map(({ unit }) => unit),
    }
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (!a || !b || a.length !== b.length) return false
  return a.every((byte, i) => byte === b[i])
}
