/** One MP4 file of a recording: pictures of one size on one timeline. Pure. */

import type { AccessUnit } from '../h264/access-unit.ts'
import { TICKS_PER_MS, type VideoTrack } from '../mp4/track.ts'
import { type BegunFile, type Finish, Mp4Writer, type Sample } from '../mp4/writer.ts'
import type { Codec, Configuration, Format, Sampler } from './codec.ts'
import type { PartDocument } from './document.ts'
import { type Placement, Timeline } from './timeline.ts'

/** A part that an earlier process began, and where its timeline stands. */
export interface BegunPart {
  number: number
  format: Format
  track: VideoTrack
  file: BegunFile
  timeline: Timeline
  firstCaptureMs: number
}

export class Part {
  /** 1 is stream.mp4, 2 is stream.2.mp4, … */
  readonly number: number
  readonly timeline: Timeline
  readonly format: Format
  readonly writer: Mp4Writer
  readonly #firstCaptureMs: number
  readonly #sampler: Sampler
  #finish: Finish | undefined

  private constructor(options: Omit<BegunPart, 'track' | 'file'> & { writer: Mp4Writer; sampler: Sampler }) {
    this.number = options.number
    this.format = options.format
    this.timeline = options.timeline
    this.writer = options.writer
    this.#firstCaptureMs = options.firstCaptureMs
    this.#sampler = options.sampler
  }

  /** @param createdMs - When the recording began, ms since 1970. */
  static begin(options: {
    number: number
    codec: Codec
    configuration: Configuration
    firstCaptureMs: number
    maxGapMs: number
    createdMs: number
  }): Part {
    const { number, codec, configuration, firstCaptureMs, maxGapMs, createdMs } = options
    const { format } = configuration
    const timeline = new Timeline(maxGapMs, format)
    const writer = new Mp4Writer(configuration.track(createdMs), format.reorderPictures > 0)
    return new Part({ number, format, timeline, writer, firstCaptureMs, sampler: codec.sampler() })
  }

  /** Goes on with what an earlier process began. Its configuration travels with the pictures from here on. */
  static goOn({ track, file, ...begun }: BegunPart, codec: Codec): Part {
    const writer = new Mp4Writer(track, false, file)
    const part = new Part({ ...begun, writer, sampler: codec.sampler() })
    part.carryInBand()
    return part
  }

  get file(): string {
    return partFile(this.number)
  }

  /** The configuration changed without a need for another part. */
  carryInBand(): void {
    this.#sampler.carryInBand()
  }

  /** Configuration came in a packet of its own: it belongs before the next picture. */
  carry(unit: AccessUnit): void {
    this.#sampler.carry(unit)
  }

  /**
   * Makes a picture a sample.
   *
   * @param configuration - That in force, for a keyframe.
   */
  sample(picture: AccessUnit, placement: Placement, configuration: Configuration | undefined): Sample {
    const pieces = this.#sampler.pieces(picture, configuration)
    let sizeBytes = 0
    for (const piece of pieces) sizeBytes += piece.length
    return { presentationTicks: placement.ticks, keyframe: picture.keyframe, pieces, sizeBytes }
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
      codec: this.format.codec,
      width: this.format.width,
      height: this.format.height,
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
