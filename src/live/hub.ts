/** One camera's pictures to all who watch it: looked through once, copied once, kept since the last keyframe. */

import type { AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import { ParameterSets } from '../h264/parameter-sets.ts'
import { codecString } from '../h264/sps.ts'
import { readJpeg } from '../jpeg/read-jpeg.ts'
import type { Clock } from '../time.ts'
import type { LiveHello } from '../wire/api/events.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import { type GroupBudget, KeptGroup } from './kept-group.ts'
import { afterSkipped, type LivePicture, messageBytes, setsFor, writeMessage } from './message.ts'
import type { SharedMessage, Viewer } from './viewer.ts'

const NO_SETS = new Uint8Array()
/** What a hello says of cameras that send JPEG pictures. */
const JPEG = 'jpeg'

/** What a viewer must know to begin with a picture. */
interface Beginning {
  codec: string
  width: number
  height: number
  /** Parameter sets that the picture lacks. */
  sets: Uint8Array
}

export interface HubOptions {
  camera: string
  /** What its pictures are. */
  format: 'h264' | 'jpeg'
  clock: Clock
  /** Kept pictures of the camera are at most so many bytes. */
  maxGroupBytes: number
  /** Of all cameras together. */
  budget: GroupBudget
  /** A viewer can begin with nothing but a keyframe; told again and again until one comes. */
  onWanting: () => void
  /** Told of each picture sent as it came: from its arrival to then, in ms. */
  onSent: (delayMs: number) => void
}

export class Hub {
  readonly camera: string
  readonly group: KeptGroup
  readonly viewers = new Set<Viewer>()
  readonly #options: HubOptions
  readonly #sets = new ParameterSets()
  #codec: string | null = null
  #width: number | null = null
  #height: number | null = null
  /** Pictures can be decoded: a keyframe came, with its parameter sets known. */
  #hasBegun = false

  constructor(options: HubOptions) {
    this.#options = options
    this.camera = options.camera
    this.group = new KeptGroup(options.maxGroupBytes, options.budget)
  }

  /** Somebody looks: a page that is not in sight asks for keyframes alone. */
  get isLookedAt(): boolean {
    for (const { pace } of this.viewers) if (pace === 'all') return true
    return false
  }

  hello(): LiveHello {
    return {
      type: 'hello',
      camera: this.camera,
      codec: this.#codec,
      width: this.#width,
      height: this.#height,
      serverTimeMs: this.#options.clock.wallMs(),
    }
  }

  /**
   * Takes the next frame packet. Never throws for what the camera sent.
   *
   * @param reading - Of its payload, shared with whoever else looks through it.
   */
  packet({ captureMs, sequence }: FramePacket, arrivalMonotonicMs: number, reading: PayloadReading): void {
    const unit = reading.unitIfAny
    if (!unit) return
    if (unit.parameterSets) {
      try {
        this.#sets.add(unit)
      } catch {
        // The recorder tells of sets that cannot be read; the picture may go on with those that are known.
      }
    }
    if (!unit.picture) return
    let sets: Uint8Array = NO_SETS
    if (unit.keyframe) {
      const beginning = this.#beginning(unit)
      this.#hasBegun = beginning !== undefined
      if (beginning) {
        this.#describe(beginning)
        this.group.begin()
        sets = beginning.sets
      }
    }
    if (!this.#hasBegun) {
      this.wanting()
      return
    }
    const { clock } = this.#options
    const arrivalMs = clock.wallMs() - (clock.monotonicMs() - arrivalMonotonicMs)
    this.#give({ sequence, captureMs, arrivalMs, unit, sets }, arrivalMonotonicMs)
  }

  /** A picture came that those who watch cannot be shown: only a keyframe helps. */
  wanting(): void {
    if (this.viewers.size > 0) this.#options.onWanting()
  }

  #give(picture: LivePicture, arrivalMonotonicMs: number): void {
    const { clock, onSent } = this.#options
    const bytes = messageBytes(picture)
    const kept = this.group.add(bytes)
    if (kept) writeMessage(kept, picture)
    if (this.viewers.size === 0) return
    const message = new PictureMessage(picture, bytes, kept)
    for (const viewer of this.viewers)
      if (viewer.picture(message)) onSent(clock.monotonicMs() - arrivalMonotonicMs)
  }

  /** Of a picture to begin with; undefined while its parameter sets are not known. */
  #beginning(unit: AccessUnit): Beginning | undefined {
    if (this.#options.format === 'jpeg') return { codec: JPEG, ...readJpeg(unit.bytes), sets: NO_SETS }
    const configuration = this.#sets.configurationFor(unit)
    if (!configuration) return undefined
    const { width, height } = configuration.sps
    return { codec: codecString(configuration.sps), width, height, sets: setsFor(unit, configuration) }
  }

  #describe({ codec, width, height }: Beginning): void {
    if (codec === this.#codec && width === this.#width && height === this.#height) return
    this.#codec = codec
    this.#width = width
    this.#height = height
    for (const viewer of this.viewers) viewer.changed()
  }
}

/** Made once for all viewers, and only when one wants it. */
class PictureMessage implements SharedMessage {
  readonly #picture: LivePicture
  readonly #bytes: number
  readonly #kept: Buffer | undefined
  #plain: Buffer | undefined
  #skipped: Buffer | undefined

  constructor(picture: LivePicture, bytes: number, kept: Buffer | undefined) {
    this.#picture = picture
    this.#bytes = bytes
    this.#kept = kept
  }

  get isKeyframe(): boolean {
    return this.#picture.unit.keyframe
  }

  plain(): Buffer {
    this.#plain ??= this.#make()
    return this.#plain
  }

  skipped(): Buffer {
    this.#skipped ??= afterSkipped(this.plain())
    return this.#skipped
  }

  #make(): Buffer {
    if (this.#kept) return Buffer.from(this.#kept)
    const message = Buffer.allocUnsafe(this.#bytes)
    writeMessage(message, this.#picture)
    return message
  }
}
