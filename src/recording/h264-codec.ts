/** H.264 as phones send it, for a recording. Pure. */

import { type AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import { NAL } from '../h264/annexb.ts'
import { type DecoderConfiguration, ParameterSets } from '../h264/parameter-sets.ts'
import { codecString, profileName, type Sps } from '../h264/sps.ts'
import { h264Track, type VideoTrack } from '../mp4/track.ts'
import type { Codec, Configuration, Format, Sampler } from './codec.ts'

/** Bytes of a NAL unit's length ahead of it (`lengthSizeMinusOne` 3 in avcC). */
const LENGTH_BYTES = 4
const LENGTHS_BLOCK_BYTES = 4096
/** Parameter sets that wait for the next picture, in bytes; of more, only the newest of each id. */
const MAX_CARRIED_BYTES = 256 * 1024
/** What may not change within a part. */
const SAME = ['width', 'height', 'profileIdc', 'chromaFormat', 'bitDepthLuma', 'bitDepthChroma'] as const

export class H264Codec implements Codec {
  readonly keepsRaw = true
  readonly isEveryKey = false
  readonly hasClock = true
  readonly #sets = new ParameterSets()

  get size(): { width: number; height: number } | undefined {
    return this.#sets.newestSps
  }

  read(payload: Uint8Array): PayloadReading {
    return new PayloadReading(payload)
  }

  learn(unit: AccessUnit): boolean {
    return this.#sets.add(unit)
  }

  configurationFor(picture: AccessUnit): Configuration | undefined {
    const configuration = this.#sets.configurationFor(picture)
    return configuration && new H264Configuration(configuration)
  }

  sampler(): Sampler {
    return new H264Sampler(this.#sets)
  }
}

/** Pictures of one sequence parameter set. */
export class H264Format implements Format {
  readonly kind = 'h264'
  readonly isByArrival = false
  readonly #sps: Sps

  constructor(sps: Sps) {
    this.#sps = sps
  }

  get codec(): string {
    return codecString(this.#sps)
  }

  get profile(): string {
    return profileName(this.#sps)
  }

  get width(): number {
    return this.#sps.width
  }

  get height(): number {
    return this.#sps.height
  }

  get reorderPictures(): number {
    return this.#sps.maxReorderPictures ?? 0
  }

  fits(part: Format): boolean {
    return part instanceof H264Format && SAME.every((key) => part.#sps[key] === this.#sps[key])
  }
}

class H264Configuration implements Configuration {
  readonly format: H264Format
  readonly #configuration: DecoderConfiguration

  constructor(configuration: DecoderConfiguration) {
    this.format = new H264Format(configuration.sps)
    this.#configuration = configuration
  }

  get units(): Uint8Array[] {
    const { spsUnits, ppsUnits } = this.#configuration
    return [...spsUnits, ...ppsUnits]
  }

  track(createdMs: number): VideoTrack {
    return h264Track(this.#configuration, createdMs)
  }
}

class H264Sampler implements Sampler {
  readonly #sets: ParameterSets
  #inBand = false
  #carried: Uint8Array[] = []
  #lengths = new DataView(new ArrayBuffer(LENGTHS_BLOCK_BYTES))
  #lengthsUsed = 0

  constructor(sets: ParameterSets) {
    this.#sets = sets
  }

  carryInBand(): void {
    this.#inBand = true
  }

  carry(unit: AccessUnit): void {
    for (let i = 0; i < unit.units.length; i += 2) {
      const nal = unit.bytes.subarray(unit.units[i], unit.units[i + 1])
      const type = nal[0]! & 31
      if (type === NAL.sps || type === NAL.pps) this.#carried.push(new Uint8Array(nal))
    }
    const bytes = this.#carried.reduce((sum, nal) => sum + nal.length, 0)
    if (bytes > MAX_CARRIED_BYTES) this.#carried = this.#sets.units()
  }

  pieces(picture: AccessUnit, configuration: Configuration | undefined): Uint8Array[] {
    const { bytes, keyframe } = picture
    const units = this.#inBand && keyframe && configuration ? configuration.units : this.#carried
    this.#carried = []
    let delimiters = 0
    for (let i = 0; i < picture.units.length; i += 2) {
      const unit = bytes.subarray(picture.units[i], picture.units[i + 1])
      const type = unit[0]! & 31
      // avcC or the units above hold them already (ISO/IEC 14496-15, 5.3.2).
      if ((type === NAL.sps || type === NAL.pps) && (!this.#inBand || keyframe)) continue
      // An access unit delimiter comes first (H.264 7.4.1.2.3).
      if (type === NAL.aud) units.splice(delimiters++, 0, unit)
      else units.push(unit)
    }
    const pieces: Uint8Array[] = []
    for (const unit of units) pieces.push(this.#lengthOf(unit), unit)
    return pieces
  }

  /** Many lengths lie in one block: a block costs far more than a view of it. Each is written once. */
  #lengthOf(unit: Uint8Array): Uint8Array {
    if (this.#lengthsUsed === LENGTHS_BLOCK_BYTES) {
      this.#lengths = new DataView(new ArrayBuffer(LENGTHS_BLOCK_BYTES))
      this.#lengthsUsed = 0
    }
    this.#lengths.setUint32(this.#lengthsUsed, unit.length)
    const length = new Uint8Array(this.#lengths.buffer, this.#lengthsUsed, LENGTH_BYTES)
    this.#lengthsUsed += LENGTH_BYTES
    return length
  }
}
