/** The one place where the parts are connected: create, listen, close in order. */

import type { IncomingMessage } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import { Archive } from './archive.ts'
import { BoardDesk } from './boards.ts'
import type { Config } from './config.ts'
import type { CameraPage } from './console/camera-code.ts'
import type { CameraRow } from './console/room.ts'
import { Devices } from './devices/devices.ts'
import { readingOf } from './devices/readings.ts'
import { Access } from './http/access.ts'
import { ConnectionBounds } from './http/connection-bounds.ts'
import { deviceRoutes } from './http/device-routes.ts'
import { EventStreams } from './http/event-routes.ts'
import { socketOf } from './http/guard.ts'
import { HttpServer } from './http/http-server.ts'
import { recordingRoutes } from './http/recording-routes.ts'
import { roomRoutes } from './http/room-routes.ts'
import { settingsRoutes } from './http/settings-routes.ts'
import { takeRoutes } from './http/take-routes.ts'
import { webRoutes } from './http/web-routes.ts'
import { Board } from './ingest/board.ts'
import type { AnyCamera } from './ingest/camera.ts'
import { CameraServer } from './ingest/camera-server.ts'
import type { Tell } from './ingest/front-door.ts'
import { makeDataFolder } from './library/data-folder.ts'
import { lockDataFolder } from './library/data-lock.ts'
import type { Library } from './library/library.ts'
import { Live } from './live/live.ts'
import { type Log, logTail } from './log.ts'
import { Operation } from './operation.ts'
import { EarlyBudget } from './recording/early-hold.ts'
import { BlockPool } from './recording/payload-blocks.ts'
import { Places } from './recording/places.ts'
import { ControlRoom } from './room/room.ts'
import { OpenRecordings } from './seat/open-recordings.ts'
import { Seat } from './seat/seat.ts'
import { settingsOf } from './settings.ts'
import { type Clock, systemClock } from './time.ts'
import { VERSION } from './version.ts'
import { WayIn } from './way-in.ts'

/** How often waiting pictures are looked at, in ms. */
const TICK_MS = 100

/** Memory that recordings gave back and others may use, in bytes: a second of 60 cameras of 4 Mbit/s. */
const MAX_FREE_BLOCK_BYTES = 32 * 1024 * 1024

export class RollcallServer {
  readonly #config: Config
  readonly #log: Log
  readonly #clock: Clock
  /** What people see and steer. */
  readonly room: ControlRoom
  readonly #cameraServer: CameraServer
  readonly #boards: BoardDesk
  readonly #devices: Devices
  readonly #access: Access
  readonly #live: Live
  readonly #streams: EventStreams
  readonly #http: HttpServer
  readonly #wayIn: WayIn
  #port = 0
  readonly #places: Places
  readonly #archive: Archive
  readonly #open: OpenRecordings
  readonly #operation: Operation
  /** Recordings of connections that have ended, until they are on the disk. */
  readonly #closing = new Set<Promise<void>>()
  readonly #ticker: NodeJS.Timeout
  readonly #earlyBudget: EarlyBudget
  readonly #blocks = new BlockPool(MAX_FREE_BLOCK_BYTES)
  #unlock = async () => {}
  #closed: Promise<void> | undefined

  constructor(options: { config: Config; log: Log; clock?: Clock }) {
    this.#config = options.config
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    this.#operation = new Operation({
      config: options.config,
      log: this.#log,
      clock: this.#clock,
      cameras: () => this.cameras(),
      live: () => this.#live,
      isInHand: (id) => this.#archive.isInHand(id),
      onRemoved: (id) => this.library.touch(id),
      emptyDeleted: () => this.library.deleted.purge({ all: true }),
    })
    const { repeats } = this.#operation
    this.#earlyBudget = new EarlyBudget(options.config.earlyHoldTotalBytes)
    this.#places = new Places(options.config.maxRecordings)
    const seats = () => this.room.seats
    this.#open = new OpenRecordings({ seats, raw: options.config.raw, log: this.#log })
    this.#archive = new Archive({
      config: options.config,
      log: this.#log,
      clock: this.#clock,
      operation: this.#operation,
      runningTake: () => this.room.takes.running,
      open: this.#open,
      onRecording: (recording) => this.room.events.publish({ type: 'recording', recording }),
      onGone: (id) => this.room.events.publish({ type: 'recording-gone', id }),
    })
    this.room = new ControlRoom({
      config: options.config,
      version: VERSION,
      log: this.#log,
      clock: this.#clock,
      disk: this.#archive.disk,
      health: () => this.#operation.health(),
    })
    const tell: Tell = (line) => repeats.line(line)
    this.#devices = new Devices({
      ...options.config,
      dataDir: options.config.data,
      clock: this.#clock,
      isDiskFull: () => this.#archive.disk.isFull,
      tell,
    })
    this.#cameraServer = new CameraServer({
      ...options.config,
      clock: this.#clock,
      onCamera: (camera) => this.#seat(camera),
      isReading: (text) => readingOf(text) !== undefined,
      onDevice: (connection, id) => this.#devices.connected(connection, id),
      tell,
    })
    this.#access = new Access({
      ...options.config,
      dataDir: options.config.data,
      onRotated: () => this.#streams.check(),
      clock: this.#clock,
      log: this.#log,
    })
    const mayGoOn = (request: IncomingMessage) => this.#access.guard.isStillWelcome(request)
    this.#boards = new BoardDesk({
      config: options.config,
      heartbeatMs: options.config.heartbeatMs,
      clock: this.#clock,
      disk: this.#archive.disk,
      repeats,
      mayGoOn,
    })
    this.#live = new Live({
      ...options.config,
      clock: this.#clock,
      mayGoOn,
      onSent: (delayMs) => this.#operation.sentLive(delayMs),
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
    this.#wayIn = new WayIn({ config: options.config, log: this.#log, clock: this.#clock })
    this.#streams = new EventStreams({
      events: this.room.events,
      guard: this.#access.guard,
      clock: this.#clock,
    })
    this.#http = new HttpServer({
      ...options.config,
      bounds,
      guard: this.#access.guard,
      routes: [
        ...this.#access.routes,
        webRoutes(),
        this.#wayIn.routes,
        roomRoutes(this.room),
        this.#streams.routes,
        this.#settingsRoutes(),
        deviceRoutes(this.#devices),
        recordingRoutes(this.library),
        takeRoutes(this.library),
        ...this.#operation.routes,
      ],
      onError: (error) => this.#log.error({ err: error }, 'a fault of ours in an HTTP request'),
      onUpgrade: (request, socket, head) => {
        const takers = { viewer: this.#live, console: this.#boards.consoles, camera: this.#cameraServer }
        takers[socketOf(request)].upgrade(request, socket, head)
      },
    })
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  /**
   * Makes the data folder ready, begins to listen and starts to recover what a crash left.
   *
   * @returns The port, which differs from the configured one when that is 0.
   * @throws {StorageError} when the data folder, the tokens or the certificate cannot be made.
   * @throws {RequestError} `DATA_FOLDER_IN_USE` when another server has it, `LISTEN_FAILED` when a port is taken,
   *   `ACCESS_FILE_INVALID`, `TLS_FAILED`.
   */
  async listen(): Promise<number> {
    const { data, host, port } = this.#config
    await makeDataFolder(data)
    this.#unlock = await lockDataFolder(data)
    await this.#archive.open()
    await this.#access.secrets.open()
    await this.room.open()
    this.#port = (await this.#http.listen(host, port)).port
    await this.#wayIn.listen(this.#http)
    return this.#port
  }

  /** The port of https and wss; undefined when there is none. */
  get httpsPort(): number | undefined {
    return this.#wayIn.httpsPort
  }

  /** Addresses of the camera page that phones reach, best first. They hold the key where it is needed. `listen` first. */
  cameraPages(): CameraPage[] {
    return this.#wayIn.cameraPages(this.#access.secrets.known.cameraKey)
  }

  /** The token that the first start made, for the link in the terminal. */
  get accessToken(): string {
    return this.#access.secrets.known.accessToken
  }

  /** Every route, such as `GET /login`. */
  get routes(): readonly string[] {
    return this.#http.routes
  }

  /** The HTTP API as an OpenAPI document. */
  apiDocument(): ReturnType<HttpServer['document']> {
    return this.#http.document()
  }

  #settingsRoutes(): FastifyPluginCallback {
    const { guard } = this.#access
    const { startedAtMs } = this.room
    const settings = () =>
      settingsOf({
        config: this.#config,
        startedAtMs,
        port: this.#port,
        httpsPort: this.#wayIn.httpsPort,
        localName: this.#wayIn.localName,
      })
    return settingsRoutes({ guard, settings, logTail: () => [...logTail(this.#log)] })
  }

  /** Resolves once every folder that a crash left is closed or was reported. */
  get recovered(): Promise<void> {
    return this.#archive.recovery.done
  }

  /** The recordings, as people see them. */
  get library(): Library {
    return this.#archive.library
  }

  cameras(): CameraRow[] {
    return this.room.cameras()
  }

  /** Stops every camera, waits up to `stopWaitMs` for the last pictures, closes every recording. Call it as often as you like. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.room.stop()
    await this.#untilStopped()
    const recorders = this.room.seats.map(({ recorder }) => recorder.close())
    await Promise.all([...recorders, ...this.#closing])
    await Promise.all([this.#cameraServer.close(), this.#live.close(), this.#boards.close()])
    await this.#devices.close()
    await this.#wayIn.close()
    this.#streams.close()
    await this.#http.close()
    clearInterval(this.#ticker)
    this.#archive.recovery.endWaiting()
    await Promise.all([...this.#closing, this.recovered])
    await this.#archive.close()
    await this.room.close()
    await this.#operation.close()
    await this.#unlock()
  }

  /** The last pictures come ahead of a camera's `capture_stopped`. */
  async #untilStopped(): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + this.#config.stopWaitMs
    const isBusy = () =>
      this.room.seats.some(
        ({ camera, recorder }) => recorder.isRecording || this.room.takes.isWaiting(camera.id),
      )
    while (isBusy() && this.#clock.monotonicMs() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }

  #seat(camera: AnyCamera): void {
    const hub = this.#live.open(camera.id, camera.format, () => seat.wantKeyframe())
    const seat: Seat = new Seat({
      camera,
      config: this.#config,
      clock: this.#clock,
      log: this.#log,
      takes: this.room.takes,
      operation: this.#operation,
      disk: this.#archive.disk,
      places: this.#places,
      blocks: this.#blocks,
      hub,
      earlyBudget: this.#earlyBudget,
      onThumbnail: (folder) => this.#archive.holdsPicture(folder),
      onSaved: (folder) => this.#archive.saved(folder),
      name: () => this.room.nameOf(camera),
      findCapture: async (capture) => {
        await Promise.all(this.#closing)
        return this.#archive.recovery.find(camera.id, capture)
      },
      onIntroduced: () => this.room.introduced(camera),
      onLeft: ({ closed, fellOutOfTake }) => {
        this.room.left(camera, fellOutOfTake)
        this.#live.gone(hub)
        const done = closed.finally(() => this.#closing.delete(done))
        this.#closing.add(done)
      },
    })
    // Its first words are heard by all.
    if (camera instanceof Board) this.#boards.add(camera)
    this.room.entered(seat)
  }

  #tick(): void {
    this.#operation.tick()
    this.#archive.tick()
    this.#open.endIfFull(this.#archive.disk)
    for (const seat of this.room.seats) seat.tick()
    this.room.tick()
  }
}
