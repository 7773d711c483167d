/** Commands on their way to cameras, and what becomes of them. */

import type { CameraStatus } from '../wire/messages.ts'

/** What a take needs of a camera. */
export interface TakeCamera {
  readonly id: string
  readonly isRecording: boolean
  /** It comes back under the same id, and answers every command. */
  readonly isLasting: boolean
  /** Lasting, and not connected just now. */
  readonly isAway: boolean
  /**
   * Sends a command; rejects when the connection cannot take it.
   *
   * @param takeId - Of a start: the take that it is for. Of a stop: only what runs for this take is stopped.
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
  /** Are away, and are told when they are back. */
  away: string[]
}

/** A command on its way. */
export interface Sent {
  takeId: string | undefined
  /** Those that it was sent to. */
  cameras: string[]
  /** Resolves when every camera has answered, after `confirmMs` at the latest. */
  outcome: Promise<Outcome>
}

/** What a camera says that does as it was told. */
export type Expected = 'capture_started' | 'capture_stopped'

type Answer =
  | { kind: 'confirmed' | 'already' | 'silent' | 'away' }
  | { kind: 'refused' | 'failed'; message: string }

interface Waiting {
  expects: Expected
  answer: (answer: Answer) => void
}

export class Asked {
  readonly #waiting = new Map<string, Waiting>()
  readonly #confirmMs: number
  /** What a camera records from now on belongs to this take. */
  readonly #onBegins: (cameraId: string, takeId: string) => void

  constructor(options: { confirmMs: number; onBegins: (cameraId: string, takeId: string) => void }) {
    this.#confirmMs = options.confirmMs
    this.#onBegins = options.onBegins
  }

  /** What a camera has been told and has not answered; undefined: nothing. */
  of(cameraId: string): Expected | undefined {
    return this.#waiting.get(cameraId)?.expects
  }

  /** A camera says how it is: that may be its answer. */
  status(cameraId: string, { status, message }: CameraStatus): void {
    const waiting = this.#waiting.get(cameraId)
    if (status === waiting?.expects) waiting.answer({ kind: 'confirmed' })
    else if (status === 'error') waiting?.answer({ kind: 'refused', message: message ?? 'no reason given' })
  }

  /** It cannot answer just now: it will be told again. */
  away(cameraId: string): void {
    this.#waiting.get(cameraId)?.answer({ kind: 'away' })
  }

  /** It is gone, and cannot answer. */
  gone(cameraId: string): void {
    this.#waiting.get(cameraId)?.answer({ kind: 'failed', message: 'the connection ended' })
  }

  /**
   * Sends a command to all of them at once.
   *
   * @param takeId - Of a start: what they record from now on belongs to it.
   */
  send(cameras: TakeCamera[], text: string, expects: Expected, takeId: string | undefined): Sent {
    const answers = cameras.map(
      async (camera) => [camera.id, await this.#ask(camera, text, expects, takeId)] as const,
    )
    return { takeId, cameras: cameras.map(({ id }) => id), outcome: Promise.all(answers).then(collect) }
  }

  #ask(camera: TakeCamera, text: string, expects: Expected, takeId: string | undefined): Promise<Answer> {
    if (camera.isAway) {
      if (takeId !== undefined) this.#onBegins(camera.id, takeId)
      return Promise.resolve({ kind: 'away' })
    }
    const before = this.#waiting.get(camera.id)
    before?.answer({ kind: 'silent' })
    // A camera that streams ignores a start (one that lasts films for the take then), one that does not ignores a stop: no
    // answer will come, unless it is about to do the opposite.
    const starts = expects === 'capture_started'
    const isThere = camera.isRecording === starts && !(starts && camera.isLasting)
    const already = isThere && (before === undefined || before.expects === expects)
    // What it records belongs to the take in which it began.
    if (takeId !== undefined && !already) this.#onBegins(camera.id, takeId)
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
}

function collect(answers: (readonly [string, Answer])[]): Outcome {
  const outcome: Outcome = { confirmed: [], already: [], refused: [], failed: [], silent: [], away: [] }
  for (const [camera, answer] of answers) {
    if (answer.kind === 'refused' || answer.kind === 'failed')
      outcome[answer.kind].push({ camera, message: answer.message })
    else outcome[answer.kind].push(camera)
  }
  return outcome
}
