/** The one place where the parts are connected: create, listen, close in order. */

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from './config.ts'
import type { CameraRow, Room } from './console/room.ts'
import { ProtocolError, StorageError } from './errors.ts'
import { ConnectionBounds } from './http/connection-bounds.ts'
import { HttpServer } from './http/http-server.ts'
import type { Camera } from './ingest/camera.ts'
import { CameraServer } from './ingest/camera-server.ts'
import { lockDataFolder } from './library/data-lock.ts'
import { FFMPEG_HINT, hasFfmpeg, Thumbnailer } from './library/ffmpeg.ts'
import { folderName, RecordingFolder } from './library/recording-folder.ts'
import { findLeftBehind, recoverFolder } from './library/recover.ts'
import type { Log } from './log.ts'
import { BlockPool } from './recording/payload-blocks.ts'
import { Places } from './recording/places.ts'
import { Recorder } from './recording/recorder.ts'
import { type Sent, Takes } from './recording/take.ts'
import { type Clock, systemClock } from './time.ts'
import type { StartRequest } from './wire/messages.ts'

/** How often waiting pictures are looked at, in ms. */
const TICK_MS = 100

/** Memory that recordings gave back and others may use, in bytes: a second of 60 cameras of 4 Mbit/s. */
const MAX_FREE_BLOCK_BYTES = 32 * 1024 * 1024

/** One camera and what records it. */
interface Seat {
  camera: Camera
  recorder: Recorder
  before: { pictures: number; bytes: number; atMs: number }
  fps: number | undefined
  mbps: number | undefined
}

export class RollcallServer implements Room {
  readonly #config: Config
  readonly #log: Log
  readonly #clock: Clock
  readonly #seats = new Map<string, Seat>()
  readonly #cameraServer: CameraServer
  readonly #http: HttpServer
  readonly #takes: Takes
  readonly #places: Places
  readonly #thumbnails: Thumbnailer
  /** Recordings of connections that have ended, until they are on the disk. */
  readonly #closing = new Set<Promise<void>>()
  readonly #ticker: NodeJS.Timeout
  readonly #blocks = new BlockPool(MAX_FREE_BLOCK_BYTES)
  #makesThumbnails = false
  #unlock = async () => {}
  #recovery: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(options: { config: Config; log: Log; clock?: Clock }) {
    this.#config = options.config
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    const { confirmMs, joinRunningTake, ffmpeg, ffmpegTimeoutMs } = options.config
    this.#places = new Places(options.config.maxRecordings)
    this.#takes = new Takes({ clock: this.#clock, confirmMs, joinRunningTake })
    this.#thumbnails = new Thumbnailer({
      ffmpeg,
      timeoutMs: ffmpegTimeoutMs,
      onFailure: (error) => this.#log.warn({ code: error.code }, 'no thumbnail: %s', error.message),
    })
    this.#cameraServer = new CameraServer({
      ...options.config,
      clock: this.#clock,
      onCamera: (camera) => this.#seat(camera),
    })
    const bounds = new ConnectionBounds({
      ...options.config,
      onRefused: ({ statusCode, message }, connections, address) =>
        this.#log.warn(
          { code: 'TOO_MANY_CONNECTIONS', statusCode, address, connections },
          'turned away: %s',
          message,
        ),
    })
    this.#http = new HttpServer({
      ...options.config,
      bounds,
      onUpgrade: (request, socket, head) => this.#cameraServer.upgrade(request, socket, head),
    })
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  /**
   * Makes the data folder ready, begins to listen and starts to recover what a crash left.
   *
   * @returns The port, which differs from the configured one when that is 0.
   * @throws {StorageError} when the data folder cannot be made.
   * @throws {RequestError} `DATA_FOLDER_IN_USE` when another server has it, `LISTEN_FAILED` when the port is taken.
   */
  async listen(): Promise<number> {
    const { data, host, port, ffmpeg, thumbnails } = this.#config
    try {
      await makeDataFolder(data)
    } catch (cause) {
      throw new StorageError(
        'STORAGE_FAILED',
        `the data folder ${data} cannot be made: ${(cause as Error).message}`,
        { cause },
      )
    }
    this.#unlock = await lockDataFolder(data)
    // Before the first phone can begin a recording of its own.
    const { unclosed, halfThumbnails } = await findLeftBehind(data)
    this.#makesThumbnails = thumbnails
    if (thumbnails) this.#lookForFfmpeg(ffmpeg)
    if (this.#makesThumbnails) for (const folder of halfThumbnails) this.#thumbnails.add(folder)
    this.#recovery = this.#recover(unclosed)
    const address = await this.#http.listen(host, port)
    return address.port
  }

  /** Beside all else: one that hangs must not keep the phones out. */
  #lookForFfmpeg(ffmpeg: string): void {
    hasFfmpeg(ffmpeg).then((ready) => {
      if (ready || this.#closed) return
      this.#makesThumbnails = false
      this.#log.warn('no thumbnails: %s cannot be run; %s', ffmpeg, FFMPEG_HINT)
    })
  }

  /** Resolves once every folder that a crash left is closed or was reported. */
  get recovered(): Promise<void> {
    return this.#recovery
  }

  cameras(): CameraRow[] {
    return [...this.#seats.values()].map(({ camera, recorder, fps, mbps }) => {
      const status = recorder.status()
      const idle = recorder.isUnrecorded ? 'unrecorded' : 'ready'
      return {
        id: camera.id,
        model: camera.model,
        address: camera.address,
        state: recorder.isRecording ? 'recording' : this.#takes.isWaiting(camera.id) ? 'starting' : idle,
        recording: recorder.recordingId,
        pictures: status?.pictures ?? 0,
        fps,
        mbps,
        durationMs: status?.spanMs ?? 0,
        missing: status?.missing ?? 0,
        malformed: status?.malformed ?? 0,
      }
    })
  }

  takeId(): string | undefined {
    return this.#takes.runningId
  }

  start(request: StartRequest): Sent {
    return this.#takes.start(request)
  }

  stop(): Sent {
    return this.#takes.stop()
  }

  /** Stops every camera, waits up to `stopWaitMs` for the last pictures, closes every recording. Call it as often as you like. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.stop()
    await this.#untilStopped()
    const recorders = [...this.#seats.values()].map(({ recorder }) => recorder.close())
    await Promise.all([...recorders, ...this.#closing])
    await this.#cameraServer.close()
    await this.#http.close()
    clearInterval(this.#ticker)
    await Promise.all([...this.#closing, this.#recovery])
    await this.#thumbnails.idle()
    await this.#unlock()
  }

  /** The last pictures come ahead of a camera's `capture_stopped`. */
  async #untilStopped(): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + this.#config.stopWaitMs
    const isBusy = () =>
      [...this.#seats.values()].some(
        ({ camera, recorder }) => recorder.isRecording || this.#takes.isWaiting(camera.id),
      )
    while (isBusy() && this.#clock.monotonicMs() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }

  #seat(camera: Camera): void {
    const config = this.#config
    const log = this.#log
    const recorder = new Recorder({
      camera: camera.id,
      device: () => ({ model: camera.model ?? null, address: camera.address, path: camera.path }),
      take: () => this.#takes.takeOf(camera.id),
      openFiles: (startedAtMs, events) =>
        new RecordingFolder({
          dataDir: config.data,
          name: folderName(camera.id, startedAtMs),
          keepRaw: config.raw,
          syncIntervalMs: config.syncIntervalMs,
          ...events,
          onThumbnail: (folder) => this.#makesThumbnails && this.#thumbnails.add(folder),
        }),
      setPaused: (paused) => (paused ? camera.pause() : camera.resume()),
      places: this.#places,
      clock: this.#clock,
      log,
      fragmentMs: config.fragmentMs,
      maxGapMs: config.maxGapMs,
      blocks: this.#blocks,
      maxQueuedBytes: config.maxQueuedBytes,
      earlyHoldMs: config.earlyHoldMs,
      earlyHoldBytes: config.earlyHoldBytes,
    })
    const seat: Seat = {
      camera,
      recorder,
      before: { pictures: 0, bytes: 0, atMs: 0 },
      fps: undefined,
      mbps: undefined,
    }
    this.#seats.set(camera.id, seat)
    log.info({ camera: camera.id, path: camera.path }, 'connected')
    let malformed = 0
    camera.on('packet', (packet, arrivalMonotonicMs) => {
      recorder.packet(packet, arrivalMonotonicMs)
      if (recorder.parts > config.maxParts)
        camera.end('TOO_MANY_PARTS', `its recording has more than ${config.maxParts} parts (maxParts)`)
    })
    camera.on('malformed', (error) => {
      recorder.malformed(error)
      malformed += 1
      // The account counts them all; the log needs the first.
      if (malformed === 1)
        log.warn({ camera: camera.id, code: error.code }, 'dropped a packet: %s', error.message)
    })
    camera.on('capabilities', () => log.info({ camera: camera.id, model: camera.model }, 'introduces itself'))
    camera.on('text', (text) => log.info({ camera: camera.id, text }, 'says'))
    camera.on('surplus', () => log.warn({ camera: camera.id }, 'says too much: the rest of it is not shown'))
    camera.on('fault', (error) => {
      const code = error instanceof ProtocolError && { code: error.code }
      log.warn({ camera: camera.id, ...code }, 'the connection broke: %s', error.message)
    })
    camera.on('status', (status) => {
      this.#takes.status(camera.id, status)
      if (status.status === 'capture_started') recorder.captureStarted()
      else if (status.status === 'capture_stopped') recorder.captureStopped()
      else if (status.status === 'error')
        log.warn({ camera: camera.id, text: status.message ?? 'an error' }, 'the camera reports')
    })
    camera.on('closed', () => {
      this.#seats.delete(camera.id)
      this.#takes.disconnected(camera.id)
      recorder.disconnected()
      if (malformed > 1) log.warn({ camera: camera.id, malformed }, 'packets were dropped')
      const texts = camera.leftOutTexts
      if (texts > 0) log.warn({ camera: camera.id, texts }, 'texts were not shown')
      log.info({ camera: camera.id }, 'disconnected')
      const done = recorder.close().finally(() => this.#closing.delete(done))
      this.#closing.add(done)
    })
    const member = {
      id: camera.id,
      get isRecording() {
        return recorder.isRecording
      },
      send: (text: string) => camera.send(text),
    }
    const joined = this.#takes.connected(member)
    if (joined) log.info({ camera: camera.id, take: joined.takeId }, 'joins the running take')
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const seat of this.#seats.values()) {
      seat.recorder.tick()
      if (nowMs - seat.before.atMs < 1000) continue
      const { pictures = 0, bytes = 0 } = seat.recorder.status() ?? {}
      const seconds = (nowMs - seat.before.atMs) / 1000
      // A new recording begins its counts anew.
      const counts = seat.recorder.isRecording && pictures >= seat.before.pictures
      seat.fps = counts ? (pictures - seat.before.pictures) / seconds : undefined
      seat.mbps = counts ? ((bytes - seat.before.bytes) * 8) / 1e6 / seconds : undefined
      seat.before = { pictures, bytes, atMs: nowMs }
    }
  }

  async #recover(folders: string[]): Promise<void> {
    for (const folder of folders) {
      try {
        const { document, cutBytes } = await recoverFolder(folder, this.#config.maxGapMs)
        const { id, pictures, durationMs } = document
        this.#log.info(
          { recording: id, pictures, seconds: durationMs / 1000, ...(cutBytes > 0 && { cutBytes }) },
          'recovered',
        )
        if (pictures > 0 && this.#makesThumbnails) this.#thumbnails.add(folder)
      } catch (error) {
        this.#log.error({ err: error }, 'not recovered: %s', (error as Error).message)
      }
    }
  }
}

async function makeDataFolder(data: string): Promise<void> {
  try {
    await mkdir(data)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(data)).isDirectory()) return
    // Below /proc and the like a recursive mkdir of Node tries for ever: the parent is there, and takes no folder.
    if (code !== 'ENOENT' || dirname(data) === data) throw error
    if (await stat(dirname(data)).catch(() => undefined)) throw error
    await makeDataFolder(dirname(data))
    await mkdir(data)
  }
}
