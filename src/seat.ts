/** A camera, what records it and what shows it live: their events connected, what they tell logged. */

import { Captures, type Known } from './captures.ts'
import type { Config } from './config.ts'
import type { CameraRow } from './console/room.ts'
import { ProtocolError } from './errors.ts'
import { PayloadReading } from './h264/access-unit.ts'
import { Board } from './ingest/board.ts'
import type { AnyCamera } from './ingest/camera.ts'
import { LastingCamera } from './ingest/lasting-camera.ts'
import type { DiskSpace } from './library/disk-space.ts'
import { folderName, RecordingFolder } from './library/recording-folder.ts'
import type { Hub } from './live/hub.ts'
import { LiveOrder } from './live/live-order.ts'
import type { Log } from './log.ts'
import type { Operation } from './operation.ts'
import type { EarlyBudget } from './recording/early-hold.ts'
import type { BlockPool } from './recording/payload-blocks.ts'
import type { Places } from './recording/places.ts'
import { Recorder } from './recording/recorder.ts'
import type { KeptCapture } from './recording/recorder-options.ts'
import type { Takes } from './recording/take.ts'
import type { Clock } from './time.ts'
import type { CameraView } from './wire/api/cameras.ts'
import type { BoardSettings } from './wire/board.ts'
import type { FramePacket } from './wire/frame-packet.ts'
import { type CameraStatus, STOP_CAPTURE_TEXT } from './wire/messages.ts'
import type { FromPhone2, Report2 } from './wire/protocol2.ts'

/** Lines with texts of one address that may be logged in ten seconds: they may all differ. */
const MAX_LINES = 20
/** Rates are those of the last so many ms. */
const RATE_MS = 1000
/** A camera is asked for a keyframe at most this often, in ms: each is as large as many pictures. */
const KEYFRAME_MS = 1000
/** A device may call itself anything: so much of it is shown. */
const MAX_MODEL_CHARS = 200

export interface SeatOptions {
  camera: AnyCamera
  config: Config
  clock: Clock
  log: Log
  takes: Takes
  operation: Operation
  /** The four that all seats share. */
  earlyBudget: EarlyBudget
  disk: DiskSpace
  places: Places
  blocks: BlockPool
  /** Those who watch the camera. */
  hub: Hub
  /** stream.mp4 of this folder holds its first picture. */
  onThumbnail: (folder: string) => void
  /** recording.json of this folder was written. */
  onSaved: (folder: string) => void
  /** As a person named it; asked when a recording begins. */
  name: () => string | null
  /** Of protocol 2: looks on the disk for a capture that an earlier process had. */
  findCapture: (capture: KeptCapture) => Promise<Known | undefined>
  /** The device has said what it is. */
  onIntroduced: () => void
  /** The connection has ended; resolves once its recordings are on the disk. */
  onLeft: (left: { closed: Promise<void>; fellOutOfTake: boolean }) => void
}

/** A camera as pages see it, without what a person gave it. */
export type SeatView = Omit<CameraView, 'profile' | 'name' | 'colour' | 'order'>

export class Seat {
  readonly camera: AnyCamera
  readonly recorder: Recorder
  readonly #options: SeatOptions
  #malformed = 0
  #before = { pictures: 0, bytes: 0, atMs: 0 }
  #fps: number | undefined
  #mbps: number | undefined
  #pictureMark = 0
  /** It gave no sign of life, and its connection was ended. */
  fellSilent = false
  #lastPictureAtMs: number | null = null
  /** Of a camera that keeps what it sent. */
  readonly #captures: Captures | undefined
  readonly #board: Board | undefined
  readonly #order = new LiveOrder()
  #report: Report2 | undefined
  /** Since when it is away, by the monotonic clock, in ms. */
  #awaySinceMs: number | undefined
  #askedKeyframeMs = Number.NEGATIVE_INFINITY

  constructor(options: SeatOptions) {
    this.#options = options
    this.camera = options.camera
    this.#before.atMs = options.clock.monotonicMs()
    this.recorder = this.#makeRecorder()
    if (options.camera instanceof Board) this.#board = options.camera
    if (options.camera instanceof LastingCamera) this.#captures = this.#makeCaptures(options.camera)
    options.operation.tally.add(this.recorder)
    options.log.info({ camera: this.camera.id, path: this.camera.path }, 'connected')
    this.#listen()
  }

  /** It records, or is about to. */
  get isBusy(): boolean {
    const { isRecording, suspendedBy } = this.recorder
    return isRecording || suspendedBy !== undefined || this.#options.takes.isWaiting(this.camera.id)
  }

  /** Takes part in the takes from now on. */
  join(): void {
    this.#welcome()
    const { camera, recorder } = this
    const { takes, log, clock } = this.#options
    const board = this.#board
    const { stopped = null } = camera instanceof LastingCamera ? camera : {}
    const joined = takes.connected(
      {
        id: camera.id,
        get isRecording() {
          // A board that came back does not capture, though its recording waits for it.
          const mayBe = !board || board.isAway || board.isCapturing
          return mayBe && (recorder.isRecording || recorder.suspendedBy !== undefined)
        },
        isLasting: camera.isLasting || board !== undefined,
        get isAway() {
          return (camera instanceof LastingCamera || camera instanceof Board) && camera.isAway
        },
        send: (text, takeId) => this.#send(text, takeId),
      },
      stopped ? { take: stopped.take, atMs: clock.monotonicMs() - stopped.agoMs } : undefined,
    )
    if (joined) log.info({ camera: camera.id, take: joined.takeId }, 'joins the running take')
  }

  /** A person calls it otherwise now. */
  renamed(): void {
    const { camera, recorder } = this
    recorder.renamed()
    if (camera instanceof LastingCamera) camera.say({ type: 'name', name: this.#options.name() })
  }

  /** A start is about to ask this of it; what is left out stays as it was. */
  ask({ resolution, quality }: BoardSettings): void {
    const settings = this.#board?.settings
    if (settings && resolution !== undefined) settings.resolution = resolution
    if (settings && quality !== undefined) settings.quality = quality
  }

  row(): CameraRow {
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
      fps: this.#fps,
      mbps: this.#mbps,
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
      phone: this.#phone(),
      board: board
        ? {
            isCapturing: board.isCapturing,
            resolution: board.settings.resolution ?? null,
            quality: board.settings.quality ?? null,
          }
        : null,
    }
  }

  /** Call a few times a second. */
  tick(): void {
    const { recorder } = this
    recorder.tick()
    this.#captures?.tick()
    const nowMs = this.#options.clock.monotonicMs()
    const awayMs = nowMs - (this.#awaySinceMs ?? nowMs)
    const isOver = this.#board !== undefined && this.#awaySinceMs !== undefined && !this.#isAwaited
    if (isOver || awayMs >= this.#options.config.resumeWindowMs) this.#giveUp()
    if (nowMs - this.#before.atMs < RATE_MS) return
    const { pictures, bytes } = this.#counts()
    const seconds = (nowMs - this.#before.atMs) / 1000
    // A new recording begins its counts anew.
    const counts = (this.#board?.isCapturing ?? recorder.isRecording) && pictures >= this.#before.pictures
    this.#fps = counts ? (pictures - this.#before.pictures) / seconds : undefined
    this.#mbps = counts ? ((bytes - this.#before.bytes) * 8) / 1e6 / seconds : undefined
    this.#before = { pictures, bytes, atMs: nowMs }
  }

  /** Of the open recording; of a board whether or not it could be opened. */
  #counts(): { pictures: number; bytes: number } {
    const { pictures = 0, bytes = 0 } = this.#board ?? this.recorder.status() ?? {}
    return { pictures, bytes }
  }

  /** A command of a take, in the language of the device. */
  #send(text: string, takeId: string | undefined): Promise<void> {
    const { camera } = this
    if (this.#board) return text === STOP_CAPTURE_TEXT ? this.#board.stop() : this.#board.start()
    return camera.send(this.#captures ? withTake(text, takeId) : text)
  }

  #state(): CameraRow['state'] {
    const { isRecording, suspendedBy, isUnrecorded } = this.recorder
    if (this.#awaySinceMs !== undefined) return 'away'
    if (isRecording) return 'recording'
    if (this.#options.takes.isWaiting(this.camera.id)) return 'starting'
    if (suspendedBy) return suspendedBy.code === 'DISK_FULL' ? 'disk full' : 'disk failed'
    return isUnrecorded ? 'unrecorded' : 'ready'
  }

  #makeRecorder(): Recorder {
    const { camera } = this
    const { config, clock, log, takes, operation, disk, places, blocks, earlyBudget } = this.#options
    const { onThumbnail, onSaved } = this.#options
    return new Recorder({
      ...config,
      camera: camera.id,
      format: camera.format,
      device: () => {
        const { model = null, address, path } = camera
        const name = this.#options.name() ?? camera.ownName
        return { model, address, path, ...(name !== null && { name }) }
      },
      take: () => takes.takeOf(camera.id),
      openFiles: (startedAtMs, events, begun) =>
        new RecordingFolder({
          dataDir: config.data,
          name: folderName(camera.id, startedAtMs),
          keepRaw: config.raw && camera.format === 'h264',
          begun,
          maxGapMs: config.maxGapMs,
          disk,
          ...events,
          meter: operation.meter,
          onThumbnail,
          onSaved,
        }),
      onSynced: (capture, sequence) => this.#captures?.synced(capture, sequence),
      onUnsaved: (capture) => this.#captures?.failed(capture),
      setPaused: (paused) => (paused ? camera.pause() : camera.resume()),
      onClosed: () => operation.retention.run(),
      clock,
      log,
      disk,
      places,
      blocks,
      earlyBudget,
    })
  }

  #listen(): void {
    const { camera, recorder } = this
    const { config, hub } = this.#options
    const { maxParts } = config
    camera.on('packet', (packet, arrivalMonotonicMs) => {
      if (this.#captures && !this.#captures.isNew(packet)) return
      // Looked through once for both.
      const reading = recorder.read(packet.payload)
      if (!this.#captures || this.#shows(packet, reading)) hub.packet(packet, arrivalMonotonicMs, reading)
      recorder.packet(packet, arrivalMonotonicMs, reading)
      if (recorder.pictureMark !== this.#pictureMark) this.#lastPictureAtMs = this.#options.clock.wallMs()
      this.#pictureMark = recorder.pictureMark
      if (recorder.parts > maxParts) this.#endParts()
    })
    camera.on('preview', (packet, arrivalMonotonicMs) => {
      const reading = new PayloadReading(packet.payload)
      if (!this.#shows(packet, reading)) return
      this.#lastPictureAtMs = this.#options.clock.wallMs()
      hub.packet(packet, arrivalMonotonicMs, reading)
    })
    camera.on('message2', (message) => this.#hears(message))
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
    camera.on('text', (text) => this.#tell('info', 'text', 'says', { text }, MAX_LINES))
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
    this.#captures?.giveUp()
    if (this.#board) recorder.captureStopped()
    // What was acknowledged last is heard: else it all came again, and again.
    if (this.#captures) void recorder.close().then(end)
    else end()
  }

  /** Whether viewers of a lasting camera are shown a picture. */
  #shows(packet: FramePacket, reading: PayloadReading): boolean {
    const isShown = this.#order.shows(packet, reading.unitIfAny?.keyframe === true)
    if (this.#order.isTorn) this.#options.hub.wanting()
    return isShown
  }

  /** Viewers need a keyframe: a lasting camera makes one when it is asked. */
  wantKeyframe(): void {
    const { camera } = this
    const nowMs = this.#options.clock.monotonicMs()
    if (!(camera instanceof LastingCamera) || nowMs - this.#askedKeyframeMs < KEYFRAME_MS) return
    this.#askedKeyframeMs = nowMs
    camera.say({ type: 'keyframe' })
  }

  #says(status: CameraStatus): void {
    const { recorder } = this
    const board = this.#board
    this.#options.takes.status(this.camera.id, status)
    // One that keeps its captures says apart when their packets come.
    if (this.#captures && status.status !== 'error') return
    // A board that came back says so again; its recording goes on.
    if (status.status === 'capture_started' && board && recorder.isRecording) return
    if (status.status === 'capture_started') {
      board?.countAnew()
      recorder.captureStarted()
    } else if (status.status === 'capture_stopped') recorder.captureStopped()
    else if (status.status === 'error')
      this.#tell('warn', 'error', 'the camera reports', { text: status.message ?? 'an error' }, MAX_LINES)
  }

  #makeCaptures(camera: LastingCamera): Captures {
    const { recorder } = this
    const { clock, disk, findCapture, config } = this.#options
    return new Captures({
      camera,
      clock,
      resumeWindowMs: config.resumeWindowMs,
      open: (capture, begun) => recorder.openCapture(capture, begun),
      isOpen: () => recorder.isRecording,
      close: (packets) => recorder.captureStopped(packets),
      find: findCapture,
      onFilms: ({ take, agoMs }) => this.#films(take, clock.monotonicMs() - agoMs),
      hasRoom: () => disk.hasRoom && recorder.mayTry,
    })
  }

  #films(take: string | null, beganMs: number): void {
    const { takes, log } = this.#options
    const { id: camera } = this.camera
    const outcome = takes.films(camera, { take, beganMs })
    if (outcome === 'stopped') log.info({ camera }, 'films on: it is told again to stop')
    else if (outcome === 'taken over') log.info({ camera, take }, 'films on: its take runs again')
  }

  #welcome(): void {
    const { camera } = this
    const { config, name } = this.#options
    if (!(camera instanceof LastingCamera)) return
    const { resumeWindowMs } = config
    camera.say({ type: 'welcome', protocol: 2, camera: camera.id, name: name(), resumeWindowMs })
  }

  #hears(message: Exclude<FromPhone2, { status: string }>): void {
    if (message.type === 'capture') void this.#captures?.begin(message)
    else if (message.type === 'capture_end') this.#captures?.end(message)
    else if (message.type === 'report') this.#report = message
  }

  /** What the phone tells of itself. */
  #phone(): SeatView['phone'] {
    const report = this.#report
    if (!report) return null
    const { waitingMs, dropped, battery, isCharging, notice } = report
    return { waitingMs: Math.round(waitingMs), dropped, battery, isCharging, notice }
  }

  /** While it is away its recording is kept open: by its captures, or because the take of a board goes on. */
  get #isAwaited(): boolean {
    if (this.#captures) return this.#captures.isOpen
    const { take } = this.recorder
    return take !== undefined && take === this.#options.takes.runningId
  }

  /** Its connection was lost: what it has begun stays open for a while. */
  #away(): void {
    const { takes, log, clock } = this.#options
    takes.away(this.camera.id)
    this.#order.reset()
    if (!this.#isAwaited) {
      this.#giveUp()
      return
    }
    this.#awaySinceMs = clock.monotonicMs()
    log.warn({ camera: this.camera.id }, 'is away: its recording waits for it')
  }

  #back(): void {
    const { takes, log } = this.#options
    if (this.#awaySinceMs !== undefined) log.info({ camera: this.camera.id }, 'is back')
    this.#awaySinceMs = undefined
    this.#captures?.back()
    this.#order.reset()
    this.join()
    // A board that is not started again sends nothing more.
    if (this.#board && !takes.isWaiting(this.camera.id)) this.recorder.captureStopped()
  }

  #giveUp(): void {
    this.#awaySinceMs = undefined
    this.#captures?.giveUp()
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

  /** A phone that connects anew, from another port, is still the same trouble: it is told once, then counted. */
  #tell(level: 'info' | 'warn', kind: string, message: string, fields: object = {}, most?: number): void {
    const { camera } = this
    this.#options.operation.repeats.line({
      level,
      key: `${kind} ${camera.address}`,
      fields: { camera: camera.id, ...fields },
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
