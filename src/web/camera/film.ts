/** From the camera's frames to encoded pictures: which of them, which part, at which bitrate. */

import { Bitrate, type Load, MOST_IN_ENCODER } from './bitrate.ts'
import { burntTime } from './burnt-time.ts'
import { CaptureTimes } from './capture-times.ts'
import { chooseEncoder, levelFor } from './encoder-choice.ts'
import { type FrameShape, isTurned, shapeOf, sizeOf } from './frame-shape.ts'
import { type EncodedPicture, PictureEncoder } from './picture-encoder.ts'
import { PictureRate } from './picture-rate.ts'
import { deviceUs } from './server-clock.ts'
import { TimePainter } from './time-painter.ts'
import type { PictureSettings } from './worker-messages.ts'

const MEGABIT = 1_000_000
/** Encoders that failed one after the other: it is said. */
const MOST_FAILURES = 3

export interface FilmOptions {
  settings: PictureSettings
  /** In the order in which they were taken. */
  onPicture: (picture: EncodedPicture, size: { width: number; height: number }) => void
  /** The server's clock less this device's, µs; null until it is known. */
  aheadUs: () => number | null
  /** A frame came that is later than the one before, whether or not it is filmed. */
  onFrame: () => void
  /** Whether a picture of this time, by this device's clock, belongs to what runs. */
  isWanted: (captureUs: number) => boolean
  /** A frame that nothing films. It is closed behind this. */
  onIdle: (frame: VideoFrame, captureUs: number, settings: PictureSettings) => void
}

export class Film {
  #settings: PictureSettings
  readonly #options: FilmOptions
  readonly #times = new CaptureTimes()
  readonly #painter = new TimePainter()
  readonly #bitrate: Bitrate
  #rate = new PictureRate()
  #encoder: PictureEncoder | undefined
  #changing: Promise<void> | undefined
  #hasFailed = false
  #canCrop = true
  #mostInEncoder = 0
  #failures = 0
  /** What the browser could do, by size and rate. */
  readonly #configs = new Map<string, VideoEncoderConfig>()

  constructor(options: FilmOptions) {
    this.#options = options
    this.#settings = options.settings
    this.#bitrate = new Bitrate(options.settings.bitrateMbps * MEGABIT)
  }

  /** No encoder works; each second one is tried. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get isLowered(): boolean {
    return this.#bitrate.isLowered
  }

  /** What the encoder is asked for now, Mbit/s: less than the settings say while it is lowered. */
  get bitrateMbps(): number {
    return this.#bitrate.now / MEGABIT
  }

  get settings(): PictureSettings {
    return this.#settings
  }

  set settings(settings: PictureSettings) {
    this.#settings = settings
    this.#bitrate.ask(settings.bitrateMbps * MEGABIT)
  }

  /** Other frames follow. */
  restart(): void {
    this.#times.restart()
  }

  /** The next picture will be a keyframe. */
  wantKeyframe(): void {
    this.#encoder?.wantKeyframe()
  }

  /** Call once a second in a capture. */
  look(load: Omit<Load, 'inEncoder'>): void {
    this.#bitrate.look({ ...load, inEncoder: this.#mostInEncoder })
    this.#mostInEncoder = 0
    this.#encoder?.setBitrate(this.#bitrate.now)
    if (this.#hasFailed) this.#failures = MOST_FAILURES - 1
  }

  /** Takes one frame, and closes it. */
  frame(frame: VideoFrame): void {
    try {
      this.#take(frame)
    } catch {
      this.#failed()
    } finally {
      frame.close()
    }
  }

  /** The capture ends: what is in the encoder comes out, then it resolves. */
  async end(): Promise<void> {
    await this.#changing
    const encoder = this.#encoder
    this.#encoder = undefined
    this.#rate = new PictureRate()
    this.#bitrate.restart()
    this.#failures = 0
    await encoder?.finish()
  }

  #take(frame: VideoFrame): void {
    const captureUs = this.#times.place(frame.timestamp, deviceUs())
    if (captureUs === undefined) return
    this.#options.onFrame()
    if (!this.#options.isWanted(captureUs)) {
      this.#options.onIdle(frame, captureUs, this.#settings)
      return
    }
    if (this.#changing || this.#failures >= MOST_FAILURES) return
    const { ratio, shortSide, fps } = this.#settings
    const shape = shapeOf(sizeOf(frame), ratio, shortSide)
    if (!this.#fits(shape)) {
      this.#changing = this.#change(shape)
      return
    }
    const encoder = this.#encoder!
    this.#mostInEncoder = Math.max(this.#mostInEncoder, encoder.queue)
    if (encoder.queue > MOST_IN_ENCODER || !this.#rate.takes(captureUs, fps)) return
    this.#encode(encoder, { frame, shape, captureUs })
  }

  #encode(
    encoder: PictureEncoder,
    picture: { frame: VideoFrame; shape: FrameShape; captureUs: number },
  ): void {
    const { frame, shape, captureUs } = picture
    const timestamp = encoder.timestampOf(captureUs)
    const { showsTime } = this.#settings
    const time = showsTime ? burntTime((captureUs + (this.#options.aheadUs() ?? 0)) / 1000) : null
    const isPainted = showsTime || isTurned(frame) || !this.#canCrop
    const shown = isPainted
      ? this.#painter.paint(frame, shape, time, timestamp)
      : this.#cropped(frame, shape, timestamp)
    try {
      encoder.encode(shown, captureUs)
    } finally {
      shown.close()
    }
  }

  /** Without touching a pixel; the encoder scales. */
  #cropped(frame: VideoFrame, shape: FrameShape, timestamp: number): VideoFrame {
    const { x, y } = frame.visibleRect!
    const { rect } = shape
    const visibleRect = { ...rect, x: rect.x + x, y: rect.y + y }
    const { width: displayWidth, height: displayHeight } = rect
    try {
      return new VideoFrame(frame, { timestamp, visibleRect, displayWidth, displayHeight })
    } catch {
      // A format of frames that cannot be cut: they are painted from now on.
      this.#canCrop = false
      return this.#painter.paint(frame, shape, null, timestamp)
    }
  }

  #fits({ width, height }: FrameShape): boolean {
    if (!this.#encoder || this.#encoder.isClosed) return false
    const { config } = this.#encoder
    return (
      config.width === width && config.height === height && config.framerate === (this.#settings.fps || 30)
    )
  }

  /** Another encoder; the pictures of the one before it come out first. */
  async #change({ width, height }: FrameShape): Promise<void> {
    try {
      const before = this.#encoder
      this.#encoder = undefined
      await before?.finish()
      const { fps } = this.#settings
      const bitrate = this.#bitrate.now
      const wanted = { width, height, fps, bitrate }
      const key = `${width} ${height} ${fps} ${levelFor(wanted)}`
      const config = this.#configs.get(key) ?? (await firstSupported(wanted))
      if (!config) throw new Error('the browser has no H.264 encoder for this size')
      this.#configs.set(key, config)
      this.#encoder = this.#open({ ...config, bitrate }, { width, height })
    } catch {
      this.#failed()
    } finally {
      this.#changing = undefined
    }
  }

  #open(config: VideoEncoderConfig, size: { width: number; height: number }): PictureEncoder {
    return new PictureEncoder({
      config,
      onPicture: (picture) => {
        this.#failures = 0
        this.#hasFailed = false
        this.#options.onPicture(picture, size)
      },
      onError: () => this.#failed(),
    })
  }

  #failed(): void {
    this.#failures += 1
    this.#hasFailed ||= this.#failures >= MOST_FAILURES
  }
}

/** The encoder that the browser would take; undefined when it has none for such pictures. */
export function firstSupported(
  wanted: Parameters<typeof chooseEncoder>[0],
): Promise<VideoEncoderConfig | undefined> {
  return chooseEncoder(
    wanted,
    async (config) => (await VideoEncoder.isConfigSupported(config)).supported === true,
  )
}
