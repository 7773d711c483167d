/**
 * Takes: the recordings that one start command began.
 *
 * A lasting camera (protocol 2) that is away stays in them: the last word on it holds until it is back (docs/protocol-2.md).
 */

import type { Clock } from '../time.ts'
import { folderStamp } from '../time.ts'
import {
  type CameraStatus,
  STOP_CAPTURE_TEXT,
  type StartRequest,
  startCaptureText,
} from '../wire/messages.ts'
import { Asked, type Sent, type TakeCamera } from './asked.ts'
import { LastWords } from './last-words.ts'

/** What a lasting camera films just now. */
export interface Filming {
  /** null: a person began it on the phone. */
  take: string | null
  /** When it began, by the monotonic clock, in ms. */
  beganMs: number
}

/** Takes that have ended are remembered: a phone may come back that films for one of them. */
const MAX_ENDED = 1000
/** The clock may have been set back since an earlier process began a take: by an hour each autumn, by a day at most, in ms. */
const MOST_BACK_MS = 86_400_000
/** As `#nextId` makes them. */
const TAKE_ID = /^take_(?<stamp>\d{8}_\d{6})(?:_(?<count>\d{1,6}))?$/

export class Takes {
  readonly #cameras = new Map<string, TakeCamera>()
  readonly #asked: Asked
  /** The take that each camera was started for; stays until the take has stopped. */
  readonly #takeOf = new Map<string, string>()
  readonly #clock: Clock
  readonly #joinRunningTake: boolean
  readonly #onEnded: ((ended: () => readonly string[]) => void) | undefined
  readonly #takenOver: StartRequest
  readonly #words = new LastWords()
  readonly #ended = new Set<string>()
  #running: { id: string; startedAtMs: number; request: StartRequest; isForNamed: boolean } | undefined
  #lastStamp = ''
  #sameStamp = 0

  /**
   * @param options - `takenOver`: with what a camera joins a take that an earlier process began. `onEnded`: a take has ended; gives all
   *   that have, to be kept for `rememberEnded` of the next process.
   */
  constructor(options: {
    clock: Clock
    confirmMs: number
    joinRunningTake: boolean
    takenOver: StartRequest
    onEnded?: (ended: () => readonly string[]) => void
  }) {
    this.#clock = options.clock
    this.#takenOver = options.takenOver
    const { confirmMs } = options
    const onBegins = (cameraId: string, takeId: string) => this.#takeOf.set(cameraId, takeId)
    this.#asked = new Asked({ confirmMs, onBegins })
    this.#joinRunningTake = options.joinRunningTake
    this.#onEnded = options.onEnded
  }

  /** Takes that earlier processes ended: cameras that come back for them are told to stop. */
  rememberEnded(ids: readonly string[]): void {
    for (const id of ids) this.#ended.add(id)
  }

  /** The take that runs, from `start` to `stop`. */
  get runningId(): string | undefined {
    return this.#running?.id
  }

  /** The same, and when it began: ms since 1970. */
  get running(): { id: string; startedAtMs: number } | undefined {
    return this.#running && { id: this.#running.id, startedAtMs: this.#running.startedAtMs }
  }

  /** The take that a recording of this camera belongs to if it begins now. */
  takeOf(cameraId: string): string | undefined {
    return this.#takeOf.get(cameraId)
  }

  /** Somebody told a board to start: what it records from now on is of the running take, if there is one. */
  startedByHand(cameraId: string): void {
    const camera = this.#cameras.get(cameraId)
    if (!this.#running || !camera || this.#isInRunningTake(camera)) return
    this.#takeOf.set(cameraId, this.#running.id)
    this.#words.films(cameraId, this.#running.id, this.#clock.monotonicMs())
  }

  /** Whether it is in the running take already: a start asks nothing of it. */
  isIn(cameraId: string): boolean {
    const camera = this.#cameras.get(cameraId)
    return camera !== undefined && !camera.isAway && this.#isInRunningTake(camera)
  }

  /** Whether a command to this camera waits for its answer. */
  isWaiting(cameraId: string): boolean {
    return this.#asked.of(cameraId) !== undefined
  }

  /**
   * Starts cameras at once; a dead one neither delays nor breaks it. While cameras are in the running take, the others are
   * started into it, and later ones join with the settings that were sent last. Else a new take begins.
   *
   * @param only - The ids of those that are meant: then no other joins by itself. Left out: every camera.
   */
  start(request: StartRequest, only?: ReadonlySet<string>): Sent {
    const isForNamed = only !== undefined
    const all = [...this.#cameras.values()]
    const meant = all.filter((camera) => isMeant(camera, only))
    const idle = meant.filter(({ id }) => !this.isIn(id))
    if (this.#running && all.some((camera) => this.#isInRunningTake(camera))) {
      if (idle.length > 0) this.#running.request = request
      if (!isForNamed) this.#running.isForNamed = false
    } else {
      this.#end()
      this.#running = { id: this.#nextId(), startedAtMs: this.#clock.wallMs(), request, isForNamed }
    }
    const { id: takeId } = this.#running
    const nowMs = this.#clock.monotonicMs()
    if (!isForNamed) this.#words.allFilm(nowMs)
    for (const { id, isLasting } of meant) if (isLasting) this.#words.films(id, takeId, nowMs)
    return this.#asked.send(idle, startCaptureText(request), 'capture_started', takeId)
  }

  /**
   * Stops cameras, and ends the take when none is left in it.
   *
   * @param only - The ids of those that are meant: from then on no camera joins by itself. Left out: every camera.
   */
  stop(only?: ReadonlySet<string>): Sent {
    const all = [...this.#cameras.values()]
    const meant = all.filter((camera) => isMeant(camera, only))
    const isLeft = all.some((camera) => !meant.includes(camera) && this.#isInRunningTake(camera))
    const nowMs = this.#clock.monotonicMs()
    if (only === undefined) this.#words.allRest(nowMs)
    else for (const { id, isLasting } of meant) if (isLasting) this.#words.rests(id, nowMs)
    if (!isLeft) this.#end()
    else if (this.#running) this.#running.isForNamed = true
    for (const { id, isRecording } of meant) if (!isRecording && !this.isWaiting(id)) this.#takeOf.delete(id)
    return this.#asked.send(meant, STOP_CAPTURE_TEXT, 'capture_stopped', undefined)
  }

  /**
   * A camera has connected; while a take runs that it is meant for, it is started too.
   *
   * @param stopped - The take that its holder stopped on the phone, and when, in ms of the monotonic clock.
   */
  connected(camera: TakeCamera, stopped?: { take: string; atMs: number }): Sent | undefined {
    const { id, isLasting } = camera
    this.#asked.away(id)
    this.#cameras.set(id, camera)
    if (!this.#running) return undefined
    if (stopped?.take === this.#running.id) this.#words.stoppedAway(id, stopped.atMs)
    if (isLasting && this.#words.isFor(id, this.#running.id)) return this.#give(camera, this.#running)
    if (this.#running.isForNamed || (isLasting && this.#words.isResting(id))) return undefined
    return this.#join(camera)
  }

  /** A lasting camera is away: what it has not answered is given again. */
  away(cameraId: string): void {
    this.#asked.away(cameraId)
  }

  /**
   * A lasting camera says what it films. What it was told to stop since, it is told again. A take that this process neither began
   * nor ended goes on, as one for those that film for it: an earlier process was killed in it.
   */
  films(cameraId: string, { take, beganMs }: Filming): 'goes on' | 'taken over' | 'stopped' {
    const camera = this.#cameras.get(cameraId)
    if (camera && this.#isToStop(cameraId, { take, beganMs })) {
      camera.send(STOP_CAPTURE_TEXT, take ?? undefined).catch(() => {})
      return 'stopped'
    }
    const isTakenOver = take !== null && this.#takeOver(take, beganMs)
    if (take !== null && take === this.#running?.id) {
      this.#takeOf.set(cameraId, take)
      if (!this.#words.isFor(cameraId, take)) this.#words.films(cameraId, take, this.#clock.monotonicMs())
    }
    return isTakenOver ? 'taken over' : 'goes on'
  }

  /** The camera is one that fell out of the running take: it is started again, if it was not when it connected. */
  fellOut(cameraId: string): Sent | undefined {
    const camera = this.#cameras.get(cameraId)
    return camera && this.#running?.isForNamed ? this.#join(camera) : undefined
  }

  /** @returns Whether it fell out of the running take; of one that lasts the last word on it holds. */
  disconnected(cameraId: string): boolean {
    const camera = this.#cameras.get(cameraId)
    const fellOut = camera !== undefined && !camera.isLasting && this.#isInRunningTake(camera)
    this.#cameras.delete(cameraId)
    this.#asked.gone(cameraId)
    this.#takeOf.delete(cameraId)
    return fellOut
  }

  /** Hears what a camera says; call it before the recording is opened. */
  status(cameraId: string, said: CameraStatus): void {
    const { status } = said
    const expected = this.#asked.of(cameraId)
    // What it begins from now on, it begins by itself.
    const isToldTo = !this.#running || expected === 'capture_stopped'
    // One that lasts says in time what it films: nothing of it is held back.
    const isLasting = this.#cameras.get(cameraId)?.isLasting === true
    const hasEnded = isLasting ? expected !== 'capture_started' : isToldTo
    if (status === 'capture_stopped' && hasEnded) {
      this.#takeOf.delete(cameraId)
      if (isLasting) this.#words.stopped(cameraId, this.#clock.monotonicMs())
    }
    this.#asked.status(cameraId, said)
  }

  /** Whether it records for the running take, or is being started for it. */
  #isInRunningTake({ id, isRecording, isLasting }: TakeCamera): boolean {
    const isOfIt = this.#running !== undefined && this.#takeOf.get(id) === this.#running.id
    const expected = this.#asked.of(id)
    const isLeaving = expected === 'capture_stopped' || (isLasting && this.#words.isResting(id))
    return isOfIt && !isLeaving && (isRecording || expected !== undefined)
  }

  #join(camera: TakeCamera): Sent | undefined {
    return this.#running && this.#joinRunningTake ? this.#give(camera, this.#running) : undefined
  }

  #give(camera: TakeCamera, { id, request }: { id: string; request: StartRequest }): Sent {
    if (camera.isLasting && !this.#words.isFor(camera.id, id))
      this.#words.films(camera.id, id, this.#clock.monotonicMs())
    return this.#asked.send([camera], startCaptureText(request), 'capture_started', id)
  }

  #isToStop(cameraId: string, { take, beganMs }: Filming): boolean {
    if (take !== null && this.#ended.has(take)) return true
    // What it films behind its own stop it was started for: that stop was on its way for a while.
    if (take !== null && take === this.#running?.id) return this.#words.isToldToRest(cameraId)
    // One that is to film was told so: what it films besides ends by that.
    return !this.#words.isFor(cameraId, this.#running?.id) && beganMs < this.#words.restMs(cameraId)
  }

  /** @returns Whether it is the running take from now on. */
  #takeOver(take: string, beganMs: number): boolean {
    const { stamp, count = '1' } = TAKE_ID.exec(take)?.groups ?? {}
    const wallMs = this.#clock.wallMs()
    const latest = folderStamp(wallMs + MOST_BACK_MS)
    if (this.#running || stamp === undefined || stamp > latest) return false
    const startedAtMs = wallMs - (this.#clock.monotonicMs() - beganMs)
    this.#running = { id: take, startedAtMs, request: this.#takenOver, isForNamed: true }
    // Its id must not be given again.
    if (stamp > this.#lastStamp) {
      this.#lastStamp = stamp
      this.#sameStamp = Number(count)
    }
    return true
  }

  /** No take runs any more. */
  #end(): void {
    if (!this.#running) return
    this.#ended.add(this.#running.id)
    this.#running = undefined
    const [oldest] = this.#ended
    if (this.#ended.size > MAX_ENDED) this.#ended.delete(oldest!)
    this.#onEnded?.(() => [...this.#ended])
  }

  #nextId(): string {
    const stamp = folderStamp(this.#clock.wallMs())
    // A clock that is set back must not give an id again.
    const isLater = stamp > this.#lastStamp
    this.#sameStamp = isLater ? 1 : this.#sameStamp + 1
    if (isLater) this.#lastStamp = stamp
    return this.#sameStamp === 1 ? `take_${stamp}` : `take_${this.#lastStamp}_${this.#sameStamp}`
  }
}

function isMeant({ id }: TakeCamera, only: ReadonlySet<string> | undefined): boolean {
  return only === undefined || only.has(id)
}
