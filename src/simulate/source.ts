/**
 * Where a simulated camera's pictures come from: a file, ffmpeg's test picture, or the built-in stream.
 *
 * Each capture opens a source of its own, as a phone opens its encoder.
 */

import { readFile } from 'node:fs/promises'
import { RequestError } from '../errors.ts'
import { readAccessUnit } from '../h264/access-unit.ts'
import { configurationOf, splitAccessUnits } from '../h264/split.ts'
import { builtInStream } from './built-in-stream.ts'
import type { Throttle } from './camera-times.ts'
import { openTestPicture } from './test-picture.ts'

/** What a capture asks of its source. A file and the built-in stream are as they are, whatever is asked. */
export interface PictureRequest {
  /** Burnt into the test picture: letters, digits and spaces. */
  cameraName: string
  /** Pixels; even. */
  size: { width: number; height: number }
  /** Megabits a second, above 0. */
  bitrateMbps: number
  /** The test picture's clock runs by it. */
  throttle: Throttle
}

export interface Picture {
  /** H.264 Annex B, one access unit. */
  payload: Uint8Array
  keyframe: boolean
}

export type SourceKind = 'file' | 'ffmpeg' | 'built-in'

/** An open source. Pictures are read one at a time: the next one is asked for when the last has come. */
export interface PictureSource {
  readonly kind: SourceKind
  /** SPS and PPS, Annex B. */
  readonly configuration: Uint8Array
  /** The next picture, without the parameter sets that went before it; undefined at the end and once closed. */
  next(): Promise<Picture | undefined>
  /** Ends the source, with the ffmpeg behind it. May be called twice. */
  close(): void
}

/** Access units as they come; undefined at the end. */
export interface AccessUnits {
  next(): Promise<Picture | undefined>
  close(): void
}

/** Opens the sources of all phones. */
export class PictureSources {
  readonly #file: readonly Picture[] | undefined
  readonly #ffmpeg: string
  readonly #onNotice: (notice: string) => void
  #ffmpegFailed = false

  private constructor(
    file: readonly Picture[] | undefined,
    ffmpeg: string,
    onNotice: (notice: string) => void,
  ) {
    this.#file = file
    this.#ffmpeg = ffmpeg
    this.#onNotice = onNotice
  }

  /**
   * Reads the file, if there is one.
   *
   * @param options.file - H.264 Annex B, sent over and over; left out: ffmpeg's test picture.
   * @param options.ffmpeg - The program.
   * @param options.onNotice - Told, once, why there is no test picture.
   * @throws {RequestError} `CONFIG_INVALID` when the file cannot be read or has no SPS and PPS.
   */
  static async create(options: {
    file?: string | undefined
    ffmpeg: string
    onNotice: (notice: string) => void
  }): Promise<PictureSources> {
    const { file, ffmpeg, onNotice } = options
    if (file === undefined) return new PictureSources(undefined, ffmpeg, onNotice)
    const stream = await readFile(file).catch((cause: Error) => {
      throw new RequestError(
        'CONFIG_INVALID',
        `--source is a file of H.264 Annex B that can be read; got ${file}: ${cause.message}`,
        { cause },
      )
    })
    const pictures = picturesOf(stream)
    if (!pictures.some(({ payload }) => configurationOf(payload).configuration.length > 0))
      throw new RequestError(
        'CONFIG_INVALID',
        `--source is H.264 Annex B with SPS, PPS and pictures (no MP4); got ${file}`,
      )
    return new PictureSources(pictures, ffmpeg, onNotice)
  }

  /**
   * Opens a source: the file, else ffmpeg's test picture, else the built-in stream.
   *
   * Resolves once its SPS and PPS are there.
   */
  async open(request: PictureRequest): Promise<PictureSource> {
    if (this.#file) return openSource('file', looped(this.#file))
    if (!this.#ffmpegFailed) {
      try {
        return await openSource('ffmpeg', await openTestPicture(this.#ffmpeg, request))
      } catch (error) {
        this.#ffmpegFailed = true
        this.#onNotice(`no test picture, the small built-in stream instead: ${(error as Error).message}`)
      }
    }
    return openSource('built-in', looped(picturesOf(builtInStream())))
  }
}

/** Takes the parameter sets apart: the first of them for the configuration packet, repetitions left out. */
async function openSource(kind: SourceKind, units: AccessUnits): Promise<PictureSource> {
  let first: Picture | undefined
  let known: Uint8Array = new Uint8Array()
  while (known.length === 0) {
    first = await units.next()
    if (!first) throw new Error('it ended before its first picture')
    known = configurationOf(first.payload).configuration
  }
  const configuration = known
  let closed = false

  async function next(): Promise<Picture | undefined> {
    let ahead: Uint8Array = new Uint8Array()
    for (;;) {
      const unit = first ?? (await units.next())
      first = undefined
      if (!unit || closed) return undefined
      const { configuration: sets, picture } = configurationOf(unit.payload)
      const repeated = sets.length > 0 && Buffer.compare(sets, known) === 0
      if (sets.length > 0) known = sets
      const payload = repeated ? picture : unit.payload
      // New sets with no picture behind them travel with the next one.
      if (picture.length === 0) ahead = Buffer.concat([ahead, payload])
      else if (ahead.length > 0) return { payload: Buffer.concat([ahead, payload]), keyframe: unit.keyframe }
      else return { payload, keyframe: unit.keyframe }
    }
  }

  const close = () => {
    closed = true
    units.close()
  }
  return { kind, configuration, next, close }
}

function looped(pictures: readonly Picture[]): AccessUnits {
  let at = 0
  let closed = false
  return {
    next: async () => (closed ? undefined : pictures[at++ % pictures.length]),
    close: () => {
      closed = true
    },
  }
}

function picturesOf(stream: Uint8Array): Picture[] {
  return splitAccessUnits(stream).flatMap((payload) => {
    try {
      return [{ payload, keyframe: readAccessUnit(payload).keyframe }]
    } catch {
      // Bytes without a NAL unit are no picture.
      return []
    }
  })
}
