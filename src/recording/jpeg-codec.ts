/** JPEG as boards send it, a whole picture in each message, for a recording. Pure. */

import { type AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import { type JpegSize, readJpeg } from '../jpeg/read-jpeg.ts'
import { JPEG_CODEC, jpegTrack, type VideoTrack } from '../mp4/track.ts'
import type { Codec, Configuration, Format, Sampler } from './codec.ts'

/**
 * Times of arrival only run on: a board that was away for a while goes on in the same part. A sample's duration has 32 bits of
 * 90 kHz, 13 hours; this is well below, in ms.
 */
export const MAX_AWAY_MS = 3_600_000

export class JpegCodec implements Codec {
  readonly keepsRaw = false
  readonly isEveryKey = true
  readonly hasClock = false
  #size: JpegSize | undefined

  get size(): JpegSize | undefined {
    return this.#size
  }

  read(payload: Uint8Array): PayloadReading {
    return new PayloadReading(payload, (bytes) => {
      this.#size = readJpeg(bytes)
      return { bytes, units: [0, bytes.length], picture: true, keyframe: true, parameterSets: false }
    })
  }

  learn(): boolean {
    return false
  }

  configurationFor({ bytes }: AccessUnit): Configuration {
    const format = new JpegFormat(readJpeg(bytes))
    return { format, units: [], track: (createdMs): VideoTrack => jpegTrack(format, createdMs) }
  }

  sampler(): Sampler {
    return SAMPLER
  }
}

/** Pictures of one size. */
export class JpegFormat implements Format {
  readonly kind = 'jpeg'
  readonly codec = JPEG_CODEC
  readonly profile = null
  readonly reorderPictures = 0
  readonly isByArrival = true
  readonly width: number
  readonly height: number

  constructor({ width, height }: JpegSize) {
    this.width = width
    this.height = height
  }

  fits(part: Format): boolean {
    return part.kind === this.kind && part.width === this.width && part.height === this.height
  }
}

/** Every picture says all by itself, and lies in the film as it came. */
const SAMPLER: Sampler = {
  carryInBand: () => {},
  carry: () => {},
  pieces: ({ bytes }) => [bytes],
}
