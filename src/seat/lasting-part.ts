/** What a camera of protocol 2 needs beside what records and shows it: its captures, the order of its pictures, its reports. */

import type { PayloadReading } from '../h264/access-unit.ts'
import type { LastingCamera } from '../ingest/lasting-camera.ts'
import { LiveOrder } from '../live/live-order.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { CameraView } from '../wire/api/cameras.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import type { Capture2, FromPhone2, Report2 } from '../wire/protocol2.ts'
import { Captures } from './captures.ts'
import type { SeatOptions } from './seat-options.ts'

/** A camera is asked for a keyframe at most this often, in ms: each is as large as many pictures. */
const KEYFRAME_MS = 1000

export class LastingPart {
  readonly captures: Captures
  readonly #camera: LastingCamera
  readonly #options: SeatOptions
  readonly #order = new LiveOrder()
  #report: Report2 | undefined
  /** The latest capture that ran when it was announced, and when it began, by the monotonic clock, in ms. */
  #filmed: { capture: string; beganMs: number } | undefined
  #askedKeyframeMs = Number.NEGATIVE_INFINITY

  constructor(camera: LastingCamera, recorder: Recorder, options: SeatOptions) {
    this.#camera = camera
    this.#options = options
    const { clock, disk, places, findCapture, config } = options
    this.captures = new Captures({
      camera,
      clock,
      resumeWindowMs: config.resumeWindowMs,
      open: (capture, begun) => recorder.openCapture(capture, begun),
      isOpen: () => recorder.isRecording,
      close: (packets) => recorder.captureStopped(packets),
      find: findCapture,
      onFilms: (capture) => this.#films(capture),
      hasRoom: () => disk.hasRoom && recorder.mayTry && places.isFree,
    })
  }

  /** What the phone tells of itself. */
  get report(): CameraView['phone'] {
    if (!this.#report) return null
    const { waitingMs, dropped, battery, isCharging, notice } = this.#report
    return { waitingMs: Math.round(waitingMs), dropped, battery, isCharging, notice }
  }

  /** The take that its holder stopped while it was away, and when, in ms of the monotonic clock. */
  get stopped(): { take: string; atMs: number } | undefined {
    const { stopped } = this.#camera
    return stopped
      ? { take: stopped.take, atMs: this.#options.clock.monotonicMs() - stopped.agoMs }
      : undefined
  }

  welcome(): void {
    const { config, name } = this.#options
    const { resumeWindowMs } = config
    this.#camera.say({ type: 'welcome', protocol: 2, camera: this.#camera.id, name: name(), resumeWindowMs })
  }

  /** A person calls it otherwise now. */
  renamed(): void {
    this.#camera.say({ type: 'name', name: this.#options.name() })
  }

  hears(message: Exclude<FromPhone2, { status: string }>): void {
    if (message.type === 'capture') void this.captures.begin(message)
    else if (message.type === 'capture_end') this.captures.end(message)
    else if (message.type === 'report') this.#report = message
  }

  away(): void {
    this.#order.reset()
  }

  back(): void {
    this.#order.reset()
    this.captures.back()
  }

  /** Whether viewers are shown a picture: never one that is older than what they saw. */
  shows(packet: FramePacket, reading: PayloadReading): boolean {
    const isShown = this.#order.shows(packet, reading.unitIfAny?.keyframe === true)
    if (this.#order.isTorn) this.#options.hub.wanting()
    return isShown
  }

  /** The camera makes one when it is asked. */
  wantKeyframe(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#askedKeyframeMs < KEYFRAME_MS) return
    this.#askedKeyframeMs = nowMs
    this.#camera.say({ type: 'keyframe' })
  }

  #films({ capture, take, agoMs }: Pick<Capture2, 'capture' | 'take' | 'agoMs'>): void {
    const { takes, log, clock } = this.#options
    const { id: camera } = this.#camera
    // What it said first holds: its clock may be set meanwhile.
    if (this.#filmed?.capture !== capture) this.#filmed = { capture, beganMs: clock.monotonicMs() - agoMs }
    const outcome = takes.films(camera, { take, beganMs: this.#filmed.beganMs })
    if (outcome === 'stopped') log.info({ camera }, 'films on: it is told again to stop')
    else if (outcome === 'taken over') log.info({ camera, take }, 'films on: its take runs again')
  }
}
