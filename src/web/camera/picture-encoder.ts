/** One VideoEncoder, for pictures of one size: another size has another encoder, else its keyframes bring the old SPS first. */

export interface EncodedPicture {
  /** As it was given to `encode`. */
  captureUs: number
  isKeyframe: boolean
  /** H.264 Annex B, one access unit; keyframes bring SPS and PPS. */
  payload: Uint8Array
}

export interface PictureEncoderOptions {
  config: VideoEncoderConfig
  onPicture: (picture: EncodedPicture) => void
  /** It is closed then. */
  onError: (error: Error) => void
}

/** A keyframe comes so often, µs. */
const KEYFRAME_US = 1_000_000

export class PictureEncoder {
  readonly config: VideoEncoderConfig
  readonly #encoder: VideoEncoder
  #bitrate: number
  /** Of the latest keyframe that was asked for. */
  #keyframeUs = Number.NEGATIVE_INFINITY
  /** Encoders count from zero: they were seen to reckon with small numbers only. */
  #baseUs: number | undefined

  constructor({ config, onPicture, onError }: PictureEncoderOptions) {
    this.config = config
    this.#bitrate = config.bitrate!
    this.#encoder = new VideoEncoder({
      output: (chunk) => {
        const payload = new Uint8Array(chunk.byteLength)
        chunk.copyTo(payload)
        onPicture({ captureUs: chunk.timestamp + this.#baseUs!, isKeyframe: chunk.type === 'key', payload })
      },
      error: onError,
    })
    this.#encoder.configure(config)
  }

  /** Pictures that are in it. */
  get queue(): number {
    return this.#encoder.encodeQueueSize
  }

  get isClosed(): boolean {
    return this.#encoder.state === 'closed'
  }

  /** The timestamp that a frame must have to be encoded as of this time. */
  timestampOf(captureUs: number): number {
    this.#baseUs ??= captureUs
    return captureUs - this.#baseUs
  }

  /** The next picture will be a keyframe. */
  wantKeyframe(): void {
    this.#keyframeUs = Number.NEGATIVE_INFINITY
  }

  /** Makes no keyframe. Bits a second. */
  setBitrate(bitrate: number): void {
    if (bitrate === this.#bitrate || this.isClosed) return
    this.#bitrate = bitrate
    this.#encoder.configure({ ...this.config, bitrate })
  }

  /** The frame stays the caller's; it has the timestamp that `timestampOf` gave. */
  encode(frame: VideoFrame, captureUs: number): void {
    // Half a picture early rather than a whole one late.
    const halfUs = 500_000 / (this.config.framerate ?? 30)
    const keyFrame = captureUs - this.#keyframeUs >= KEYFRAME_US - halfUs
    if (keyFrame) this.#keyframeUs = captureUs
    this.#encoder.encode(frame, { keyFrame })
  }

  /** Gives out what is in it. What follows must be a keyframe. */
  async flush(): Promise<void> {
    if (!this.isClosed) await this.#encoder.flush().catch(() => {})
  }

  /** Gives out what is in it, then closes. */
  async finish(): Promise<void> {
    await this.flush()
    this.close()
  }

  /** At once: what is in it is lost. May be called twice. */
  close(): void {
    if (!this.isClosed) this.#encoder.close()
  }
}
