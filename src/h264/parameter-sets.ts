/** The parameter sets of one stream: which are known, and which a picture uses. Pure. */

import { ProtocolError } from '../errors.ts'
import { type AccessUnit, pictureParameterSetId } from './access-unit.ts'
import { NAL } from './annexb.ts'
import { parsePps, parseSps, type Sps } from './sps.ts'

/**
 * All sets of one kind together, in bytes; streams have some hundred. Every keyframe may have to carry all of them: more
 * would make gigabytes on the disk of a few small packets.
 */
const MAX_SETS_BYTES = 65_536

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
  readonly #sps = new SetsById(parseSps, 'H264_SPS_INVALID')
  readonly #pps = new SetsById(parsePps, 'H264_PPS_INVALID')

  /** The SPS that came last. */
  get newestSps(): Sps | undefined {
    return this.#sps.newest
  }

  /**
   * Takes the SPS and PPS units of an access unit; the bytes are copied.
   *
   * @returns Whether any of them is new or differs from the one known by its id.
   * @throws {ProtocolError} `H264_SPS_INVALID` or `H264_PPS_INVALID`, also for one too many; the units behind the bad one are taken.
   */
  add({ bytes, units }: AccessUnit): boolean {
    let changed = false
    const taken = new Set<KnownSet<unknown>>()
    // From the last unit on: of two sets with one id in an access unit, the later one holds.
    for (let i = units.length - 2; i >= 0; i -= 2) {
      const type = bytes[units[i]!]! & 31
      if (type !== NAL.sps && type !== NAL.pps) continue
      const sets: SetsById<{ id: number }> = type === NAL.sps ? this.#sps : this.#pps
      if (sets.take(bytes.subarray(units[i], units[i + 1]), taken)) changed = true
    }
    return changed
  }

  /** All known units, SPS first. */
  units(): Uint8Array[] {
    return [...this.#sps.units(), ...this.#pps.units()]
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
    return active && { sps: active, spsUnits: this.#sps.units(), ppsUnits: this.#pps.units() }
  }
}

interface KnownSet<T> {
  unit: Uint8Array
  fields: T
}

/** The newest parameter set of each id, of one kind. */
class SetsById<T extends { id: number }> {
  readonly #parse: (unit: Uint8Array) => T
  readonly #code: 'H264_SPS_INVALID' | 'H264_PPS_INVALID'
  readonly #known = new Map<number, KnownSet<T>>()
  #newest: T | undefined
  #bytes = 0

  constructor(parse: (unit: Uint8Array) => T, code: 'H264_SPS_INVALID' | 'H264_PPS_INVALID') {
    this.#parse = parse
    this.#code = code
  }

  get newest(): T | undefined {
    return this.#newest
  }

  get(id: number): T | undefined {
    return this.#known.get(id)?.fields
  }

  /** By ascending id. */
  units(): Uint8Array[] {
    return [...this.#known.entries()].sort(([a], [b]) => a - b).map(([, { unit }]) => unit)
  }

  /**
   * Takes a set unless one of its id was taken from the same access unit.
   *
   * @returns Whether it changed what is known.
   */
  take(unit: Uint8Array, taken: Set<KnownSet<unknown>>): boolean {
    // Many encoders repeat their sets at every keyframe: what is known byte for byte is not read again.
    for (const known of this.#known.values()) {
      if (!sameBytes(known.unit, unit)) continue
      taken.add(known)
      this.#newest = known.fields
      return false
    }
    const fields = this.#parse(unit)
    const before = this.#known.get(fields.id)
    if (before && taken.has(before)) return false
    const bytes = this.#bytes - (before?.unit.length ?? 0) + unit.length
    if (bytes > MAX_SETS_BYTES)
      throw new ProtocolError(
        this.#code,
        `parameter sets of one kind take at most ${MAX_SETS_BYTES} bytes together; got ${bytes}`,
      )
    this.#bytes = bytes
    // A slice of a Buffer would be a view of memory that is used again.
    const known = { unit: new Uint8Array(unit), fields }
    this.#known.set(fields.id, known)
    this.#newest = fields
    taken.add(known)
    return true
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
