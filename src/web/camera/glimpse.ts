/**
 * Small pictures while nothing is filmed, so that whoever watches in the control room can frame the shot.
 *
 * One is made each time the server asks, and only then: nobody watches, nothing is encoded. Its encoder is its own, and goes
 * when a capture begins, or when nobody has asked for a while.
 */

import { firstSupported } from './film.ts'
import { type FrameShape, shapeOf, sizeOf } from './frame-shape.ts'
import { type EncodedPicture, PictureEncoder } from './picture-encoder.ts'
import { TimePainter } from './time-painter.ts'
import type { PictureSettings } from './worker-messages.ts'

/** Most pixels of the shorter side. */
const SHORT_SIDE = 360
/** At one picture a second: about 50 kB each. */
const PICTURE = { fps: 1, bitrate: 400_000 }
/** The encoder goes when it was not asked for so long, in ms. */
const REST_MS = 5000

export class Glimpse {
  readonly #onPicture: (picture: EncodedPicture) => void
  readonly #painter = new TimePainter()
  #isWanted = false
  #encoder: PictureEncoder | undefined
  #isOpening = false
  #rest: ReturnType<typeof setTimeout> | undefined

  constructor(onPicture: (picture: EncodedPicture) => void) {
    this.#onPicture = onPicture
  }

  /** The next frame is to be shown. */
  want(): void {
    this.#isWanted = true
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => this.end(), REST_MS)
  }

  /**
   * A frame that nothing films; it stays the caller's. Never throws: what fails here is no trouble of what is filmed.
   *
   * @param settings - As it would be filmed with: the same part of the frame is shown.
   */
  frame(frame: VideoFrame, captureUs: number, { ratio, shortSide }: PictureSettings): void {
    if (!this.#isWanted || this.#isOpening) return
    const shape = shapeOf(sizeOf(frame), ratio, Math.min(SHORT_SIDE, shortSide))
    const encoder = this.#encoder
    if (!encoder || !fits(encoder, shape)) {
      void this.#open(shape)
      return
    }
    this.#isWanted = false
    try {
      this.#encode(
        encoder,
        this.#painter.paint(frame, shape, null, encoder.timestampOf(captureUs)),
        captureUs,
      )
    } catch {
      // The next one that is wanted is tried with another encoder.
      this.#encoder = undefined
      encoder.close()
    }
  }

  #encode(encoder: PictureEncoder, shown: VideoFrame, captureUs: number): void {
    encoder.wantKeyframe()
    try {
      encoder.encode(shown, captureUs)
    } finally {
      shown.close()
    }
    // It is to come out now, not when the next one goes in.
    void encoder.flush()
  }

  /** Nothing is shown any more. May be called twice. */
  end(): void {
    this.#isWanted = false
    clearTimeout(this.#rest)
    this.#encoder?.close()
    this.#encoder = undefined
  }

  async #open({ width, height }: FrameShape): Promise<void> {
    this.#isOpening = true
    this.#encoder?.close()
    this.#encoder = undefined
    const config = await firstSupported({ width, height, ...PICTURE }).catch(() => undefined)
    this.#isOpening = false
    // It was called off meanwhile; or there is none, and it is asked again.
    if (!this.#isWanted || !config) return
    this.#encoder = new PictureEncoder({ config, onPicture: this.#onPicture, onError: () => {} })
  }
}

function fits({ config, isClosed }: PictureEncoder, { width, height }: FrameShape): boolean {
  return !isClosed && config.width === width && config.height === height
}
