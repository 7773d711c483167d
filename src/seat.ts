/** A camera, what records it and what shows it live: their events connected, what they tell logged. */

import type { Config } from './config.ts'
import type { CameraRow } from './console/room.ts'
import { ProtocolError } from './errors.ts'
import { PayloadReading } from './h264/access-unit.ts'
import type { Camera } from './ingest/camera.ts'
import type { DiskSpace } from './library/disk-space.ts'
import { folderName, RecordingFolder } from './library/recording-folder.ts'
import type { Hub } from './live/hub.ts'
import type { Log } from './log.ts'
import type { Operation } from './operation.ts'
import type { EarlyBudget } from './recording/early-hold.ts'
import type { BlockPool } from './recording/payload-blocks.ts'
import type { Places } from './recording/places.ts'
import { Recorder } from './recording/recorder.ts'
import type { Takes } from './recording/take.ts'
import type { Clock } from './time.ts'
import type { CameraView } from './wire/api/cameras.ts'
import type { CameraStatus } from './wire/messages.ts'

/** Lines with texts of one address that may be logged in ten seconds: they may all differ. */
const MAX_LINES = 20
/** Rates are those of the last so many ms. */
const RATE_MS = 1000
/** A device may call itself anything: so much of it is shown. */
const MAX_MODEL_CHARS = 200

export interface SeatOptions {
  camera: Camera
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
  /** The device has said what it is. */
  onIntroduced: () => void
  /** The connection has ended; resolves once its recordings are on the disk. */
  onLeft: (left: { closed: Promise<void>; fellOutOfTake: boolean }) => void
}

/** A camera as pages see it, without what a person gave it. */
export type SeatView = Omit<CameraView, 'profile' | 'name' | 'colour' | 'order'>

export class Seat {
  readonly camera: Camera
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

  constructor(options: SeatOptions) {
    this.#options = options
    this.camera = options.camera
    this.#before.atMs = options.clock.monotonicMs()
    this.recorder = this.#makeRecorder()
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
    const { camera, recorder } = this
    const { takes, log } = this.#options
    const joined = takes.connected({
      id: camera.id,
      get isRecording() {
        return recorder.isRecording || recorder.suspendedBy !== undefined
      },
      send: (text) => camera.send(text),
    })
    if (joined) log.info({ camera: camera.id, take: joined.takeId }, 'joins the running take')
  }

  row(): CameraRow {
    const { camera, recorder } = this
    const status = recorder.status()
    return {
      id: camera.id,
      model: camera.model,
      address: camera.address,
      state: this.#state(),
      recording: recorder.recordingId,
      pictures: status?.pictures ?? 0,
      fps: this.#fps,
      mbps: this.#mbps,
      durationMs: status?.spanMs ?? 0,
      missing: status?.missing ?? 0,
      malformed: status?.malformed ?? 0,
    }
  }

  view(): SeatView {
    const { recording, model, fps, mbps, durationMs, ...row } = this.row()
    const { take, startedAtMs, size } = this.recorder
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
    }
  }

  /** Call a few times a second. */
  tick(): void {
    const { recorder } = this
    recorder.tick()
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#before.atMs < RATE_MS) return
    const { pictures = 0, bytes = 0 } = recorder.status() ?? {}
    const seconds = (nowMs - this.#before.atMs) / 1000
    // A new recording begins its counts anew.
    const counts = recorder.isRecording && pictures >= this.#before.pictures
    this.#fps = counts ? (pictures - this.#before.pictures) / seconds : undefined
    this.#mbps = counts ? ((bytes - this.#before.bytes) * 8) / 1e6 / seconds : undefined
    this.#before = { pictures, bytes, atMs: nowMs }
  }

  #state(): CameraRow['state'] {
    const { isRecording, suspendedBy, isUnrecorded } = this.recorder
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
      device: () => {
        const { model = null, address, path } = camera
        const name = this.#options.name()
        return { model, address, path, ...(name !== null && { name }) }
      },
      take: () => takes.takeOf(camera.id),
      openFiles: (startedAtMs, events) =>
        new RecordingFolder({
          dataDir: config.data,
          name: folderName(camera.id, startedAtMs),
          keepRaw: config.raw,
          maxGapMs: config.maxGapMs,
          disk,
          ...events,
          meter: operation.meter,
          onThumbnail,
          onSaved,
        }),
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
      // Looked through once for both.
      const reading = new PayloadReading(packet.payload)
      hub.packet(packet, arrivalMonotonicMs, reading)
      recorder.packet(packet, arrivalMonotonicMs, reading)
      if (recorder.pictureMark !== this.#pictureMark) this.#lastPictureAtMs = this.#options.clock.wallMs()
      this.#pictureMark = recorder.pictureMark
      if (recorder.parts > maxParts)
        camera.end('TOO_MANY_PARTS', `its recording has more than ${maxParts} parts (maxParts)`)
    })
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

  #says(status: CameraStatus): void {
    const { recorder } = this
    this.#options.takes.status(this.camera.id, status)
    if (status.status === 'capture_started') recorder.captureStarted()
    else if (status.status === 'capture_stopped') recorder.captureStopped()
    else if (status.status === 'error')
      this.#tell('warn', 'error', 'the camera reports', { text: status.message ?? 'an error' }, MAX_LINES)
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

function rounded(rate: number | undefined): number | null {
  return rate === undefined ? null : Math.round(rate * 100) / 100
}
