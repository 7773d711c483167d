/** The cameras as pages see them: those that are connected, with what a person gave them, and those that left lately. */

import { RequestError } from '../errors.ts'
import type { SeatView } from '../seat/seat.ts'
import type { Clock } from '../time.ts'
import type { CameraPatch, CameraView } from '../wire/api/cameras.ts'
import type { RoomEvent } from '../wire/api/events.ts'
import { areAlike, type Profile, type Profiles } from './profiles.ts'

/** A device that has not introduced itself by then, in ms, gets its profile without. */
const INTRODUCTION_MS = 1000
/** Figures that change all the time are told so often, in ms. */
const FIGURES_MS = 1000
/** Who left is shown this long, in ms. */
const GONE_MS = 5 * 60_000
/** A device may connect anew so long, in ms, before the connection that it lost is given up: three heartbeats. */
const HEIR_MS = 30_000
/** Of those that left lately so many are shown: a device that connects again and again must not fill the list. */
const MAX_GONE = 100

/** What the list needs of a connected camera. */
export interface RosterSeat {
  readonly camera: {
    id: string
    address: string
    model: string | undefined
    hasOwnId: boolean
    ownName: string | null
  }
  readonly recorder: { isRecording: boolean }
  /** Its connection was ended because nothing came any more. */
  readonly fellSilent: boolean
  view(): SeatView
}

interface Present {
  seat: RosterSeat
  sinceMs: number
  profile: Profile | undefined
  /** What was told last, and when. */
  told: { steady: string; all: string; atMs: number }
}

interface Gone {
  view: SeatView
  profile: Profile
  sinceMs: number
}

export interface RosterOptions {
  profiles: Profiles
  clock: Clock
  /** Nobody listens: what changed is told to the next who does. */
  isUnwatched: () => boolean
  publish: (event: RoomEvent) => void
  /** A camera has got its profile. */
  onProfile: (cameraId: string, profile: Profile) => void
}

export class Roster {
  readonly #options: RosterOptions
  readonly #present = new Map<RosterSeat, Present>()
  readonly #gone = new Map<string, Gone>()

  constructor(options: RosterOptions) {
    this.#options = options
  }

  /** A camera is connected. */
  add(seat: RosterSeat): void {
    const sinceMs = this.#options.clock.monotonicMs()
    const told = { steady: '', all: '', atMs: 0 }
    this.#present.set(seat, { seat, sinceMs, profile: undefined, told })
  }

  /** The device has said what it is, or does something that needs a name: it gets its profile, if it has none. */
  introduce(seat: RosterSeat): Profile | undefined {
    const present = this.#present.get(seat)
    if (!present || present.profile) return present?.profile
    const { profiles, clock, publish, onProfile } = this.#options
    const { id, address, model, hasOwnId } = seat.camera
    const profile = profiles.take({ address, model, lastingId: hasOwnId ? id : undefined }, clock.wallMs())
    present.profile = profile
    for (const [goneId, gone] of this.#gone) {
      if (gone.profile.profile !== profile.profile) continue
      this.#gone.delete(goneId)
      publish({ type: 'camera-gone', id: goneId })
    }
    this.#tell(present, profile, clock.monotonicMs())
    onProfile(id, profile)
    return profile
  }

  /** As a person named it here, else as its holder does; null while nobody has. Gives it no profile. */
  nameOf(seat: RosterSeat): string | null {
    return this.#present.get(seat)?.profile?.name ?? seat.camera.ownName
  }

  /** Its connection has ended. @returns The profile that it had. */
  remove(seat: RosterSeat): Profile | undefined {
    const { profiles, clock, publish } = this.#options
    const present = this.#present.get(seat)
    this.#present.delete(seat)
    if (!present?.profile) return undefined
    const { profile } = present
    const { id } = seat.camera
    profiles.release(profile)
    if (seat.fellSilent && this.#passOn(profile)) {
      publish({ type: 'camera-gone', id })
      return undefined
    }
    const view: SeatView = {
      ...seat.view(),
      state: 'gone',
      recording: null,
      recordingStartedAtMs: null,
      take: null,
      pictures: 0,
      missing: 0,
      durationMs: 0,
      fps: null,
      mbps: null,
    }
    this.#gone.set(id, { view, profile, sinceMs: clock.monotonicMs() })
    publish({ type: 'camera', camera: withProfile(view, profile) })
    const [oldest] = this.#gone.keys()
    if (this.#gone.size > MAX_GONE) this.#forget(oldest!)
    return profile
  }

  /** A device that lost its way and connected anew has been taken for another so far: it is called as before again. */
  #passOn(profile: Profile): boolean {
    const { profiles, clock, publish, onProfile } = this.#options
    const nowMs = clock.monotonicMs()
    const heir = [...this.#present.values()].find(
      (one) => one.profile?.name === null && areAlike(one.profile, profile) && nowMs - one.sinceMs < HEIR_MS,
    )
    if (!heir?.profile) return false
    profiles.pass(profile, heir.profile)
    heir.profile = profile
    publish({ type: 'camera', camera: withProfile(heir.seat.view(), profile) })
    onProfile(heir.seat.camera.id, profile)
    return true
  }

  views(): CameraView[] {
    const present = [...this.#present.values()].flatMap(({ seat, profile }) =>
      profile ? [withProfile(seat.view(), profile)] : [],
    )
    const gone = [...this.#gone.values()].map(({ view, profile }) => withProfile(view, profile))
    return [...present, ...gone].sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  }

  /**
   * Gives a camera, which may have left, a name, a colour, a place.
   *
   * @throws {RequestError} `NOT_FOUND`
   */
  patch(id: string, patch: CameraPatch): CameraView {
    const { profiles, publish } = this.#options
    const present = [...this.#present.values()].find(({ seat }) => seat.camera.id === id)
    const { profile } = present ?? this.#gone.get(id) ?? {}
    if (!profile) throw new RequestError('NOT_FOUND', 'no camera with this id is or was connected lately')
    profiles.patch(profile, patch)
    const camera = this.views().find((view) => view.id === id)!
    publish({ type: 'camera', camera })
    return camera
  }

  /** Call a few times a second. */
  tick(): void {
    const { clock, isUnwatched } = this.#options
    const nowMs = clock.monotonicMs()
    const isWatched = !isUnwatched()
    for (const [seat, present] of this.#present) {
      const isLate = nowMs - present.sinceMs >= INTRODUCTION_MS
      if (!present.profile && (isLate || seat.recorder.isRecording)) this.introduce(seat)
      if (present.profile && isWatched) this.#tell(present, present.profile, nowMs)
    }
    for (const [id, { sinceMs }] of this.#gone) if (nowMs - sinceMs >= GONE_MS) this.#forget(id)
  }

  #forget(id: string): void {
    this.#gone.delete(id)
    this.#options.publish({ type: 'camera-gone', id })
  }

  #tell(present: Present, profile: Profile, nowMs: number): void {
    const { told, seat } = present
    const camera = withProfile(seat.view(), profile)
    const { state, recording, take, width, height, model } = camera
    const steady = [state, recording, take, width, height, model].join()
    if (steady === told.steady && nowMs - told.atMs < FIGURES_MS) return
    const all = JSON.stringify(camera)
    const isNews = all !== told.all
    present.told = { steady, all, atMs: nowMs }
    if (isNews) this.#options.publish({ type: 'camera', camera })
  }
}

function withProfile(view: SeatView, { profile, name, colour, order }: Profile): CameraView {
  return { ...view, profile, name, colour, order }
}
