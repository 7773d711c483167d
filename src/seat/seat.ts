/** A camera, what records it and what shows it live: their events connected, what they tell logged. */

import type { CameraRow } from '../console/room.ts'
import { ProtocolError } from '../errors.ts'
import { Board } from '../ingest/board.ts'
import type { AnyCamera } from '../ingest/camera.ts'
import { LastingCamera } from '../ingest/lasting-camera.ts'
import { ReturningDevice } from '../ingest/returning-device.ts'
import type { Outcome } from '../recording/asked.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { CameraView } from '../wire/api/cameras.ts'
import type { BoardSettings } from '../wire/board.ts'
import type { CameraStatus } from '../wire/messages.ts'
import { BoardPart } from './board-part.ts'
import { LastingPart } from './lasting-part.ts'
import { makeRecorder } from './make-recorder.ts'
import { Rates } from './rates.ts'
import type { SeatOptions } from './seat-options.ts'

/** Lines with texts of one address that may be logged in ten seconds: they may all differ. */
const MAX_LINES = 20
/** A device may call itself anything: so much of it is shown. */
const MAX_MODEL_CHARS = 200

/** A camera as pages see it, without what a person gave it. */
export type SeatView = Omit<CameraView, 'profile' | 'name' | 'colour' | 'order'>

export class Seat {
  readonly camera: AnyCamera
  readonly recorder: Recorder
  readonly #options: SeatOptions
  #malformed = 0
  readonly #rates: Rates
  #pictureMark = 0
  /** It gave no sign of life, and its connection was ended. */
  fellSilent = false
  #lastPictureAtMs: number | null = null
  /** One of the two, or none: a phone of version 1. */
  readonly #lasting: LastingPart | undefined
  readonly #board: BoardPart | undefined
  /** Since when it is away, by the monotonic clock, in ms. */
  #awaySinceMs: number | undefined

  constructor(options: SeatOptions) {
    this.#options = options
    this.camera = options.camera
    const { camera, clock } = options
    this.#rates = new Rates(clock.monotonicMs())
    this.recorder = makeRecorder(options, {
      onSynced: (capture, sequence) => this.#lasting?.captures.synced(capture, sequence),
      onUnsaved: (capture) => this.#lasting?.captures.failed(capture),
    })
    if (camera instanceof Board) this.#board = new BoardPart(camera, this.recorder, options.takes)
    if (camera instanceof LastingCamera) this.#lasting = new LastingPart(camera, this.recorder, options)
    options.operation.tally.add(this.recorder)
    options.log.info({ ...this.#who, path: this.camera.path }, 'connected')
    this.#listen()
  }

  /** It records, or is about to. */
  get isBusy(): boolean {
    const { isRecording, suspendedBy } = this.recorder
    return isRecording || suspendedBy !== undefined || this.#options.takes.isWaiting(this.camera.id)
  }

  /** Takes part in the takes from now on. */
  join(): void {
    this.#lasting?.welcome()
    const { camera, recorder } = this
    const { takes, log } = this.#options
    const board = this.#board
    const lasting = this.#lasting
    const joined = takes.connected(
      {
        id: camera.id,
        get isRecording() {
          const mayBe = board?.mayRecord !== false
          const isKept = lasting?.captures.isRefused === true
          return mayBe && (recorder.isRecording || recorder.suspendedBy !== undefined || isKept)
        },
        isLasting: camera.isLasting || board !== undefined,
        get isAway() {
          return camera instanceof ReturningDevice && camera.isAway
        },
        send: (text, takeId) => this.#send(text, takeId),
      },
      this.#lasting?.stopped,
    )
    if (!joined) return
    log.info({ camera: camera.id, take: joined.takeId }, 'joins the running take')
    void joined.outcome.then((outcome) => this.#joined(outcome))
  }

  /** Nobody waits for what becomes of this start: when it is not confirmed, that is told. */
  #joined({ silent, refused }: Outcome): void {
    // It was told something else meanwhile.
    if (this.#options.takes.isWaiting(this.camera.id)) return
    const why = refused[0]?.message ?? (silent.length > 0 ? 'no answer' : undefined)
    if (why === undefined) return
    const message = 'did not confirm its start for the running take'
    this.#tell('warn', `start ${this.camera.id}`, message, { text: why })
    // What waited for a board that was away gets no more.
    if (this.#board?.isCapturing === false) this.recorder.captureStopped()
  }

  /** A person calls it otherwise now. */
  renamed(): void {
    this.recorder.renamed()
    this.#lasting?.renamed()
  }

  /** A start is about to ask this of it; what is left out stays as it was. */
  ask(settings: BoardSettings): void {
    this.#board?.ask(settings)
  }

  row(): Omit<CameraRow, 'name'> {
    const { camera, recorder } = this
    const status = recorder.status()
    const isBoard = this.#board !== undefined
    return {
      id: camera.id,
      model: camera.model,
      address: camera.address,
      state: this.#state(),
      recording: recorder.recordingId,
      isBoard,
      pictures: this.#counts().pictures,
      fps: this.#rates.fps,
      mbps: this.#rates.mbps,
      durationMs: status?.spanMs ?? 0,
      missing: status?.missing ?? 0,
      malformed: isBoard ? this.#malformed : (status?.malformed ?? 0),
    }
  }

  view(): SeatView {
    const { recording, model, fps, mbps, durationMs, isBoard, ...row } = this.row()
    const { take, startedAtMs } = this.recorder
    const board = this.#board
    const size = board ? board.size : this.recorder.size
    return {
      ...row,
      model: model?.slice(0, MAX_MODEL_CHARS) ?? null,
      recording: recording ?? null,
      recordingStartedAtMs: startedAtMs ?? null,
      take: take ?? null,
      durationMs: Math.round(durationMs),
      fps: rounded(fps),
      mbps: rounded(mbps),
      width: size?.width ?? null,
      height: size?.height ?? null,
      lastPictureAtMs: this.#lastPictureAtMs,
      ownName: this.camera.ownName,
      phone: this.#lasting?.report ?? null,
      board: board?.view() ?? null,
    }
  }

  /** Call a few times a second. */
  tick(): void {
    const { recorder } = this
    recorder.tick()
    this.#lasting?.captures.tick()
    if (this.#lasting && this.#state() === 'ready' && this.#options.hub.isLookedAt) this.wantKeyframe()
    const nowMs = this.#options.clock.monotonicMs()
    const awayMs = nowMs - (this.#awaySinceMs ?? nowMs)
    const isOver = this.#board !== undefined && this.#awaySinceMs !== undefined && !this.#isAwaited
    if (isOver || awayMs >= this.#options.config.resumeWindowMs) this.#giveUp()
    this.#rates.tick(nowMs, this.#board?.isCapturing ?? recorder.isRecording, this.#counts())
  }

  /** Of the open recording; of a board whether or not it could be opened. */
  #counts(): { pictures: number; bytes: number } {
    const { pictures = 0, bytes = 0 } = this.#board?.counts ?? this.recorder.status() ?? {}
    return { pictures, bytes }
  }

  /** A command of a take, in the language of the device. */
  #send(text: string, takeId: string | undefined): Promise<void> {
    const { camera } = this
    if (this.#board) return this.#board.send(text)
    return camera.send(this.#lasting ? withTake(text, takeId) : text)
  }

  #state(): CameraRow['state'] {
    const { isRecording, suspendedBy, isUnrecorded } = this.recorder
    if (this.#awaySinceMs !== undefined) return 'away'
    if (isRecording) return 'recording'
    if (this.#options.takes.isWaiting(this.camera.id)) return 'starting'
    if (suspendedBy) return suspendedBy.code === 'DISK_FULL' ? 'disk full' : 'disk failed'
    return isUnrecorded ? 'unrecorded' : 'ready'
  }

  #listen(): void {
    const { camera, recorder } = this
    const { config, hub } = this.#options
    const { maxParts } = config
    camera.on('packet', (packet, arrivalMonotonicMs) => {
      const lasting = this.#lasting
      if (lasting && !lasting.captures.isNew(packet)) return
      // Looked through once for both.
      const reading = recorder.read(packet.payload)
      if (!lasting || lasting.shows(packet, reading)) hub.packet(packet, arrivalMonotonicMs, reading)
      recorder.packet(packet, arrivalMonotonicMs, reading)
      if (recorder.pictureMark !== this.#pictureMark) this.#lastPictureAtMs = this.#options.clock.wallMs()
      this.#pictureMark = recorder.pictureMark
      if (recorder.parts > maxParts) this.#endParts()
    })
    camera.on('preview', (packet, arrivalMonotonicMs) => {
      const reading = recorder.read(packet.payload)
      if (this.#lasting && !this.#lasting.shows(packet, reading)) return
      this.#lastPictureAtMs = this.#options.clock.wallMs()
      hub.packet(packet, arrivalMonotonicMs, reading)
    })
    camera.on('message2', (message) => this.#lasting?.hears(message))
    camera.on('idle', () => {
      if (recorder.isRecording) this.#tell('warn', 'idle', 'captures no more: its recording ends')
      recorder.captureStopped()
    })
    camera.on('replaced', () => {
      const message =
        'connects anew while it is connected: two devices that call themselves the same do so again and again'
      this.#tell('warn', 'replaced', message)
    })
    camera.on('away', () => this.#away())
    camera.on('back', () => this.#back())
    camera.on('malformed', (error) => {
      recorder.malformed(error)
      this.#malformed += 1
      this.#tell('warn', 'malformed', `dropped a packet: ${error.message}`, { code: error.code })
    })
    camera.on('capabilities', () => {
      this.#tell('info', camera.id, 'introduces itself', { model: camera.model })
      this.#options.onIntroduced()
    })
    camera.on('text', (text) => this.#hears(text))
    camera.on('surplus', () => this.#tell('warn', 'surplus', 'says too much: the rest of it is not shown'))
    camera.on('fault', (error) => {
      this.fellSilent = error instanceof ProtocolError && error.code === 'CAMERA_SILENT'
      const code = error instanceof ProtocolError && { code: error.code }
      this.#tell('warn', 'fault', `the connection broke: ${error.message}`, { ...code })
    })
    camera.on('status', (status) => this.#says(status))
    camera.on('closed', () => this.#left())
  }

  /** Its recording has too many parts: it is not kept open for a camera that comes back. */
  #endParts(): void {
    const { camera, recorder } = this
    const { maxParts } = this.#options.config
    const end = () => camera.end('TOO_MANY_PARTS', `its recording has more than ${maxParts} parts (maxParts)`)
    this.#lasting?.captures.giveUp()
    if (this.#board) recorder.captureStopped()
    // What was acknowledged last is heard: else it all came again, and again.
    if (this.#lasting) void recorder.close().then(end)
    else end()
  }

  /** A board may say anything: its console has every line. */
  #hears(text: string): void {
    if (this.#board?.knows(text) === false)
      this.#tell('info', `unknown ${this.camera.id}`, 'says something unknown', { text })
    else this.#tell('info', 'text', 'says', { text }, MAX_LINES)
  }

  #says(status: CameraStatus): void {
    const { recorder } = this
    this.#options.takes.status(this.camera.id, status)
    // One that keeps its captures says apart when their packets come.
    if (this.#lasting && status.status !== 'error') return
    if (status.status === 'capture_started') {
      if (this.#board) this.#board.started()
      else recorder.captureStarted()
    } else if (status.status === 'capture_stopped') recorder.captureStopped()
    else if (status.status === 'error')
      this.#tell('warn', 'error', 'the camera reports', { text: status.message ?? 'an error' }, MAX_LINES)
  }

  /** Viewers need a keyframe; of a camera that films nothing, a picture to frame the shot by. */
  wantKeyframe(): void {
    this.#lasting?.wantKeyframe()
  }

  /** While it is away its recording is kept open: by its captures, or because the take of a board goes on. */
  get #isAwaited(): boolean {
    if (this.#lasting) return this.#lasting.captures.isOpen
    return this.#board?.isAwaited === true
  }

  /** Its connection was lost: what it has begun stays open for a while. */
  #away(): void {
    const { takes, log, clock } = this.#options
    takes.away(this.camera.id)
    this.#lasting?.away()
    if (!this.#isAwaited) {
      this.#giveUp()
      return
    }
    this.#awaySinceMs = clock.monotonicMs()
    log.warn({ camera: this.camera.id }, 'is away: its recording waits for it')
  }

  #back(): void {
    const { takes, log } = this.#options
    if (this.#awaySinceMs !== undefined) log.info({ ...this.#who, path: this.camera.path }, 'is back')
    this.#awaySinceMs = undefined
    this.#lasting?.back()
    this.join()
    // A board that is not started again sends nothing more.
    if (this.#board && !takes.isWaiting(this.camera.id)) this.recorder.captureStopped()
  }

  #giveUp(): void {
    this.#awaySinceMs = undefined
    this.#lasting?.captures.giveUp()
    this.camera.leave()
  }

  #left(): void {
    const { camera, recorder } = this
    const { takes, operation, log, onLeft } = this.#options
    const fellOutOfTake = takes.disconnected(camera.id)
    const wasLost = recorder.isRecording || recorder.suspendedBy !== undefined
    recorder.disconnected()
    if (this.#malformed > 1)
      this.#tell('warn', 'dropped', 'packets were dropped', { malformed: this.#malformed })
    const texts = camera.leftOutTexts
    if (texts > 0) this.#tell('warn', 'left out', 'texts were not shown', { texts })
    // A camera that is done says so first.
    if (wasLost) log.warn({ camera: camera.id }, 'disconnected while it was recorded')
    else log.info({ camera: camera.id }, 'disconnected')
    onLeft({ closed: recorder.close().finally(() => operation.tally.retire(recorder)), fellOutOfTake })
  }

  /** In lines of the log: with its address, unless its id holds it. */
  get #who(): { camera: string; address?: string } {
    const { id, address } = this.camera
    return { camera: id, ...(!id.startsWith(`${address}_`) && { address }) }
  }

  /** A phone that connects anew, from another port, is still the same trouble: it is told once, then counted. */
  #tell(level: 'info' | 'warn', kind: string, message: string, fields: object = {}, most?: number): void {
    const { camera } = this
    this.#options.operation.repeats.line({
      level,
      key: `${kind} ${camera.address}`,
      fields: { ...this.#who, ...fields },
      message,
      most,
    })
  }
}

/** A command as protocol 2 has it. */
function withTake(text: string, take: string | undefined): string {
  const { payload, ...message } = JSON.parse(text)
  return JSON.stringify(payload ? { ...message, payload: { ...payload, take } } : { ...message, take })
}

function rounded(rate: number | undefined): number | null {
  return rate === undefined ? null : Math.round(rate * 100) / 100
}
