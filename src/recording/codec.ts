/**
 * What a recording needs to know of its camera's pictures, however they are coded: how to read them, what they have in common,
 * and how they lie in a film. `h264-codec.ts` and `jpeg-codec.ts` are the two that there are.
 */

import type { AccessUnit, PayloadReading } from '../h264/access-unit.ts'
import type { VideoTrack } from '../mp4/track.ts'
import type { Pace } from './timeline.ts'

/** What the pictures of one part of a film have in common. */
export interface Format extends Pace {
  readonly kind: 'h264' | 'jpeg'
  /** As RFC 6381 has it. */
  readonly codec: string
  /** For people; null where there are no profiles. */
  readonly profile: string | null
  /** In pixels, as shown. */
  readonly width: number
  readonly height: number
  /** Whether pictures of this format can go on in a part of that one. */
  fits(part: Format): boolean
}

/** What a decoder needs before a picture that it can begin with. */
export interface Configuration {
  readonly format: Format
  /** Units that say it within the stream; empty where each picture says it all. */
  readonly units: Uint8Array[]
  /** @param createdMs - When the recording began, ms since 1970. */
  track(createdMs: number): VideoTrack
}

/** Makes pictures samples of one part. */
export interface Sampler {
  /** The configuration in force is no longer that of the part's head: it travels with the pictures from here on. */
  carryInBand(): void
  /** Takes the configuration that came in a packet of its own and belongs before the next picture. */
  carry(unit: AccessUnit): void
  /**
   * A picture as the film holds it, in pieces.
   *
   * @param configuration - That in force, for a picture to begin with.
   */
  pieces(picture: AccessUnit, configuration: Configuration | undefined): Uint8Array[]
}

/** The pictures of one camera. It outlives the recordings. */
export interface Codec {
  /** Payloads make a stream when they lie one behind the other: that is kept too. */
  readonly keepsRaw: boolean
  /** Each picture can be shown by itself. */
  readonly isEveryKey: boolean
  /** Capture times are of the camera's own clock; without one the time of arrival stands for them. */
  readonly hasClock: boolean
  /** In pixels, as the newest of what came says. */
  readonly size: { width: number; height: number } | undefined
  /** A payload, to be looked through when somebody first asks. */
  read(payload: Uint8Array): PayloadReading
  /**
   * Takes the configuration that a payload holds.
   *
   * @returns Whether any of it is new.
   * @throws {ProtocolError} when it cannot be read.
   */
  learn(unit: AccessUnit): boolean
  /** What decoding needs to start at this picture; undefined while it is not known. */
  configurationFor(picture: AccessUnit): Configuration | undefined
  sampler(): Sampler
}
