/** One MP4 file of a recording: access units of one size on one timeline. Pure. */

import type { AccessUnit } from '../h264/access-unit.ts'
import { NAL } from '../h264/annexb.ts'
import type { DecoderConfiguration } from '../h264/parameter-sets.ts'
import { codecString, type Sps } from '../h264/sps.ts'
import { h264Track, TICKS_PER_MS, type VideoTrack } from '../mp4/track.ts'
import { type BegunFile, type Finish, Mp4Writer, type Sample } from '../mp4/writer.ts'
import type { PartDocument } from './document.ts'
import { type Placement, Timeline } from './timeline.ts'

/** Bytes of a NAL unit's length ahead of it (`lengthSizeMinusOne` 3 in avcC). */
const LENGTH_BYTES = 4
const LENGTHS_BLOCK_BYTES = 4096

/** A part that an earlier process began, and where its timeline stands. */
export interface BegunPart {
  number: number
  sps: Sps
  track: VideoTrack
  file: BegunFile
  timeline: Timeline
  firstCaptureMs: number
}

export class Part {
  /** 1 is stream.mp4, 2 is stream.2.mp4, … */
  readonly number: number
  readonly timeline: Timeline
  readonly sps: Sps
  readonly writer: Mp4Writer
  readonly #firstCaptureMs: number
  /** The parameter sets in force are no longer those of avcC: they travel with the pictures from here on. */
  #setsInBand = false
  #finish: Finish | undefined
  #lengths = new DataView(new ArrayBuffer(LENGTHS_BLOCK_BYTES))
  #lengthsUsed = 0

  private constructor(options: Omit<BegunPart, 'track' | 'file'> & { writer: Mp4Writer }) {
    this.number = options.number
    this.sps = options.sps
    this.timeline = options.timeline
    this.writer = options.writer
    this.#firstCaptureMs = options.firstCaptureMs
  }

  /** @param createdMs - When the recording began, ms since 1970. */
  static begin(options: {
    number: number
    configuration: DecoderConfiguration
    firstCaptureMs: number
    maxGapMs: number
    createdMs: number
  }): Part {
    const { number, configuration, firstCaptureMs, maxGapMs, createdMs } = options
    const { sps } = configuration
    const reorderPictures = sps.maxReorderPictures ?? 0
    const timeline = new Timeline(maxGapMs, reorderPictures)
    const writer = new Mp4Writer(h264Track(configuration, createdMs), reorderPictures > 0)
    return new Part({ number, sps, timeline, writer, firstCaptureMs })
  }

  /** Goes on with what an earlier process began. Its parameter sets travel with the pictures from here on. */
  static goOn({ track, file, ...begun }: BegunPart): Part {
    const part = new Part({ ...begun, writer: new Mp4Writer(track, false, file) })
    part.carrySetsInBand()
    return part
  }

  get file(): string {
    return partFile(this.number)
  }

  /** Whether pictures of this SPS can go on in this file. */
  fits(sps: Sps): boolean {
    const same = ['width', 'height', 'profileIdc', 'chromaFormat', 'bitDepthLuma', 'bitDepthChroma'] as const
    return same.every((key) => sps[key] === this.sps[key])
  }

  /** The parameter sets changed without changing the size. */
  carrySetsInBand(): void {
    this.#setsInBand = true
  }

  /**
   * Makes a picture a sample.
   *
   * @param configuration - All parameter sets in force, for a keyframe.
   * @param carried - NAL units that came ahead of the picture in packets of their own and belong before it.
   */
  sample(
    picture: AccessUnit,
    placement: Placement,
    configuration: DecoderConfiguration | undefined,
    carried: readonly Uint8Array[],
  ): Sample {
    const units: Uint8Array[] = []
    const { bytes } = picture
    if (this.#setsInBand && picture.keyframe && configuration)
      units.push(...configuration.spsUnits, ...configuration.ppsUnits)
    else units.push(...carried)
    let delimiters = 0
    for (let i = 0; i < picture.units.length; i += 2) {
      const unit = bytes.subarray(picture.units[i], picture.units[i + 1])
      const type = unit[0]! & 31
      // avcC or the units above hold them already (ISO/IEC 14496-15, 5.3.2).
      if ((type === NAL.sps || type === NAL.pps) && (!this.#setsInBand || picture.keyframe)) continue
      // An access unit delimiter comes first (H.264 7.4.1.2.3).
      if (type === NAL.aud) units.splice(delimiters++, 0, unit)
      else units.push(unit)
    }
    const pieces: Uint8Array[] = []
    let sizeBytes = 0
    for (const unit of units) {
      pieces.push(this.#lengthOf(unit), unit)
      sizeBytes += LENGTH_BYTES + unit.length
    }
    return { presentationTicks: placement.ticks, keyframe: picture.keyframe, pieces, sizeBytes }
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

  /** Ends the file; the last fragment must have been taken. */
  finish(): Finish {
    const intervalTicks = Math.round(this.timeline.intervalMs * TICKS_PER_MS)
    this.#finish = this.writer.finish(intervalTicks)
    return this.#finish
  }

  document(): PartDocument {
    const { table, sizeBytes } = this.writer
    const lastTicks = table.maxCompositionTicks
    const appended = this.#finish ? this.#finish.append.reduce((sum, piece) => sum + piece.length, 0) : 0
    return {
      file: this.file,
      codec: codecString(this.sps),
      width: this.sps.width,
      height: this.sps.height,
      pictures: table.samples,
      keyframes: table.keyframes,
      bytes: sizeBytes + appended,
      durationMs: (this.#finish?.durationTicks ?? lastTicks) / TICKS_PER_MS,
      firstCaptureMs: this.#firstCaptureMs,
    }
  }
}

/** The numbers of the parts among a folder's files, ascending. */
export function partNumbers(names: readonly string[]): number[] {
  const numbers = names.flatMap((name) => {
    const match = /^stream(?:\.([1-9]\d*))?\.mp4$/.exec(name)
    return match ? [Number(match[1] ?? 1)] : []
  })
  return numbers.sort((a, b) => a - b)
}

/** The file of a part: stream.mp4, stream.2.mp4, … */
export function partFile(number: number): string {
  return number === 1 ? 'stream.mp4' : `stream.${number}.mp4`
}
