/** Takes: the recordings that one start command began. */

import type { Clock } from '../time.ts'
import { folderStamp } from '../time.ts'
import {
  type CameraStatus,
  STOP_CAPTURE_TEXT,
  type StartRequest,
  startCaptureText,
} from '../wire/messages.ts'

/** What a take needs of a camera. */
export interface TakeCamera {
  readonly id: string
  readonly isRecording: boolean
  /**
   * Sends a command; rejects when the connection cannot take it.
   *
   * @param takeId - Of a start: the take that it is for.
   */
  send(text: string, takeId: string | undefined): Promise<void>
}

/** What became of a command, by camera id. */
export interface Outcome {
  confirmed: string[]
  /** Streamed already when it was told to start, or was idle when it was told to stop. */
  already: string[]
  refused: { camera: string; message: string }[]
  /** The command could not be sent. */
  failed: { camera: string; message: string }[]
  /** Said nothing in time. */
  silent: string[]
}

/** A command on its way. */
export interface Sent {
  takeId: string | undefined
  /** Those that it was sent to. */
  cameras: string[]
  /** Resolves when every camera has answered, after `confirmMs` at the latest. */
  outcome: Promise<Outcome>
}

type Answer = { kind: 'confirmed' | 'already' | 'silent' } | { kind: 'refused' | 'failed'; message: string }

interface Waiting {
  expects: 'capture_started' | 'capture_stopped'
  answer: (answer: Answer) => void
}

export class Takes {
  readonly #cameras = new Map<string, TakeCamera>()
  readonly #waiting = new Map<string, Waiting>()
  /** The take that each camera was started for; stays until the take has stopped. */
  readonly #takeOf = new Map<string, string>()
  readonly #clock: Clock
  readonly #confirmMs: number
  readonly #joinRunningTake: boolean
  #running: { id: string; startedAtMs: number; request: StartRequest; isForNamed: boolean } | undefined
  #lastStamp = ''
  #sameStamp = 0

  constructor(options: { clock: Clock; confirmMs: number; joinRunningTake: boolean }) {
    this.#clock = options.clock
    this.#confirmMs = options.confirmMs
    this.#joinRunningTake = options.joinRunningTake
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

  /** Whether a command to this camera waits for its answer. */
  isWaiting(cameraId: string): boolean {
    return this.#waiting.has(cameraId)
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
    const idle = all.filter((camera) => isMeant(camera, only) && !this.#isInRunningTake(camera))
    if (this.#running && all.some((camera) => this.#isInRunningTake(camera))) {
      if (idle.length > 0) this.#running.request = request
      if (!isForNamed) this.#running.isForNamed = false
    } else this.#running = { id: this.#nextId(), startedAtMs: this.#clock.wallMs(), request, isForNamed }
    return this.#toCameras(idle, startCaptureText(request), 'capture_started', this.#running?.id)
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
    if (!isLeft) this.#running = undefined
    else if (this.#running) this.#running.isForNamed = true
    for (const { id, isRecording } of meant)
      if (!isRecording && !this.#waiting.has(id)) this.#takeOf.delete(id)
    return this.#toCameras(meant, STOP_CAPTURE_TEXT, 'capture_stopped', undefined)
  }

  /** A camera has connected; while a take runs it is started too. */
  connected(camera: TakeCamera): Sent | undefined {
    this.#cameras.set(camera.id, camera)
    return this.#running?.isForNamed ? undefined : this.#join(camera)
  }

  /** The camera is one that fell out of the running take: it is started again, if it was not when it connected. */
  fellOut(cameraId: string): Sent | undefined {
    const camera = this.#cameras.get(cameraId)
    return camera && this.#running?.isForNamed ? this.#join(camera) : undefined
  }

  /** @returns Whether it fell out of the running take. */
  disconnected(cameraId: string): boolean {
    const camera = this.#cameras.get(cameraId)
    const fellOut = camera !== undefined && this.#isInRunningTake(camera)
    this.#cameras.delete(cameraId)
    this.#waiting.get(cameraId)?.answer({ kind: 'failed', message: 'the connection ended' })
    this.#takeOf.delete(cameraId)
    return fellOut
  }

  /** Hears what a camera says; call it before the recording is opened. */
  status(cameraId: string, { status, message }: CameraStatus): void {
    const waiting = this.#waiting.get(cameraId)
    // What it begins from now on, it begins by itself.
    const isToldTo = !this.#running || waiting?.expects === 'capture_stopped'
    if (status === 'capture_stopped' && isToldTo) this.#takeOf.delete(cameraId)
    if (status === waiting?.expects) waiting.answer({ kind: 'confirmed' })
    else if (status === 'error') waiting?.answer({ kind: 'refused', message: message ?? 'no reason given' })
  }

  /** Whether it records for the running take, or is being started for it. */
  #isInRunningTake({ id, isRecording }: TakeCamera): boolean {
    const isOfIt = this.#running !== undefined && this.#takeOf.get(id) === this.#running.id
    const waiting = this.#waiting.get(id)
    return isOfIt && waiting?.expects !== 'capture_stopped' && (isRecording || waiting !== undefined)
  }

  #join(camera: TakeCamera): Sent | undefined {
    if (!this.#running || !this.#joinRunningTake) return undefined
    const { id, request } = this.#running
    return this.#toCameras([camera], startCaptureText(request), 'capture_started', id)
  }

  #toCameras(
    cameras: TakeCamera[],
    text: string,
    expects: Waiting['expects'],
    takeId: string | undefined,
  ): Sent {
    const answers = cameras.map(
      async (camera) => [camera.id, await this.#ask(camera, text, expects, takeId)] as const,
    )
    return { takeId, cameras: cameras.map(({ id }) => id), outcome: Promise.all(answers).then(collect) }
  }

  #ask(
    camera: TakeCamera,
    text: string,
    expects: Waiting['expects'],
    takeId: string | undefined,
  ): Promise<Answer> {
    const before = this.#waiting.get(camera.id)
    before?.answer({ kind: 'silent' })
    // A camera that streams ignores a start, one that does not ignores a stop: no answer will come, unless it is
    // about to do the opposite.
    const isThere = camera.isRecording === (expects === 'capture_started')
    const already = isThere && (before === undefined || before.expects === expects)
    // What it records belongs to the take in which it began.
    if (takeId !== undefined && !already) this.#takeOf.set(camera.id, takeId)
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => waiting.answer({ kind: already ? 'already' : 'silent' }),
        this.#confirmMs,
      )
      const waiting: Waiting = {
        expects,
        answer: (answer) => {
          clearTimeout(timer)
          if (this.#waiting.get(camera.id) === waiting) this.#waiting.delete(camera.id)
          resolve(answer)
        },
      }
      this.#waiting.set(camera.id, waiting)
      camera.send(text, takeId).then(
        () => already && waiting.answer({ kind: 'already' }),
        (error: Error) => waiting.answer({ kind: 'failed', message: error.message }),
      )
    })
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

function collect(answers: (readonly [string, Answer])[]): Outcome {
  const outcome: Outcome = { confirmed: [], already: [], refused: [], failed: [], silent: [] }
  for (const [camera, answer] of answers) {
    if (answer.kind === 'refused' || answer.kind === 'failed')
      outcome[answer.kind].push({ camera, message: answer.message })
    else outcome[answer.kind].push(camera)
  }
  return outcome
}
