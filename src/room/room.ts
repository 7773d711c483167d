/**
 * What people see and steer: cameras with their names, takes, commands, space, health; and the events that tell of them.
 *
 * The terminal and the pages both come here. What is recorded, and what becomes of it, belongs elsewhere.
 */

import { z } from 'zod'
import type { Config } from '../config.ts'
import { startText } from '../console/command.ts'
import { type CameraRow, camerasText, type Room } from '../console/room.ts'
import { RequestError } from '../errors.ts'
import type { Health } from '../http/health.ts'
import { Board } from '../ingest/board.ts'
import type { AnyCamera } from '../ingest/camera.ts'
import type { DiskReport, DiskSpace } from '../library/disk-space.ts'
import type { Log } from '../log.ts'
import type { Sent } from '../recording/asked.ts'
import { Takes } from '../recording/take.ts'
import type { Seat } from '../seat/seat.ts'
import type { Clock } from '../time.ts'
import type { CameraPatch, CameraView, Command, CommandAnswer } from '../wire/api/cameras.ts'
import type { DiskView, RoomEvent } from '../wire/api/events.ts'
import type { BoardSettings } from '../wire/board.ts'
import type { StartRequest } from '../wire/messages.ts'
import { DEFAULT_MBPS, namesText, requestOf, results } from './commands.ts'
import { Condition } from './condition.ts'
import { Events } from './events.ts'
import { KeptList } from './kept-list.ts'
import { type Profile, Profiles, profileSchema } from './profiles.ts'
import { Roster } from './roster.ts'

export interface ControlRoomOptions {
  config: Config
  version: string
  log: Log
  clock: Clock
  disk: DiskSpace
  health: () => Promise<Health>
}

export class ControlRoom implements Room {
  readonly #options: ControlRoomOptions
  readonly startedAtMs: number
  readonly takes: Takes
  readonly events: Events
  /** Ids may come twice: a client may have one port towards both of ours. */
  readonly #seats = new Map<AnyCamera, Seat>()
  readonly #file: KeptList<Profile>
  readonly #endedTakes: KeptList<string>
  readonly #profiles = new Profiles()
  readonly #roster: Roster
  readonly #condition: Condition
  /** Profiles whose cameras fell out of the running take. */
  readonly #fellOut = new Set<string>()
  /** What the last start asked of each camera, in Mbit/s; before it, what it would ask. */
  #mbps = DEFAULT_MBPS
  /** The same of boards: what the running take asked of all of them. */
  #boardSettings: BoardSettings = {}
  #toldTake: string | undefined
  #isOpen = false

  constructor(options: ControlRoomOptions) {
    this.#options = options
    const { config, clock, log } = options
    const { confirmMs, joinRunningTake, data: dataDir } = config
    this.startedAtMs = clock.wallMs()
    this.takes = new Takes({
      clock,
      confirmMs,
      joinRunningTake,
      takenOver: requestOf({ command: 'start' }),
      onEnded: (ended) =>
        this.#endedTakes
          .save(ended)
          .catch((error: Error) => log.warn('the end of a take cannot be kept: %s', error.message)),
    })
    this.events = new Events({ startId: String(this.startedAtMs), snapshot: () => this.#snapshot() })
    const what = 'the names of cameras'
    this.#file = new KeptList({
      dataDir,
      log,
      file: 'cameras.json',
      key: 'profiles',
      item: profileSchema,
      what,
    })
    this.#endedTakes = new KeptList({
      dataDir,
      log,
      file: 'ended-takes.json',
      key: 'takes',
      item: z.string(),
      what: 'the takes that have ended',
    })
    const publish = (event: RoomEvent) => this.events.publish(event)
    const isUnwatched = () => this.events.listeners === 0
    this.#condition = new Condition({
      clock,
      disk: () => this.#diskView(),
      health: options.health,
      isUnwatched,
      publish,
    })
    this.#roster = new Roster({
      profiles: this.#profiles,
      clock,
      isUnwatched,
      publish,
      onProfile: (cameraId, { profile }) => {
        if (this.#fellOut.delete(profile)) this.takes.fellOut(cameraId)
        if (!this.#profiles.isChanged) return
        this.#save().catch((error: Error) =>
          log.warn('the names of cameras cannot be kept: %s', error.message),
        )
      },
    })
  }

  /** Reads what cameras are called. The data folder must be there; before the first can connect. */
  async open(): Promise<void> {
    this.#profiles.load(await this.#file.read())
    this.takes.rememberEnded(await this.#endedTakes.read())
    this.#isOpen = true
  }

  /** Everybody who is connected. */
  get seats(): readonly Seat[] {
    return [...this.#seats.values()]
  }

  /** A camera has connected. */
  entered(seat: Seat): void {
    this.#seats.set(seat.camera, seat)
    this.#roster.add(seat)
    if (this.takeId() !== undefined) seat.ask(this.#boardSettings)
    seat.join()
  }

  introduced(camera: AnyCamera): void {
    this.nameOf(camera)
  }

  /** What a person calls it; from here on it has its profile. */
  nameOf(camera: AnyCamera): string | null {
    const seat = this.#seats.get(camera)
    return (seat && this.#roster.introduce(seat)?.name) ?? null
  }

  left(camera: AnyCamera, fellOutOfTake: boolean): void {
    const seat = this.#seats.get(camera)
    this.#seats.delete(camera)
    const profile = seat && this.#roster.remove(seat)
    if (profile && fellOutOfTake) this.#fellOut.add(profile.profile)
  }

  cameras(): CameraRow[] {
    return this.seats.map((seat) => {
      const name = this.#roster.nameOf(seat)
      // Boards that nobody has named are called by their ids.
      return { ...seat.row(), name: name === seat.camera.id ? null : name }
    })
  }

  views(): CameraView[] {
    return this.#roster.views()
  }

  /**
   * Changes what a person gave a camera; resolves once it is on the disk.
   *
   * @throws {RequestError} `NOT_FOUND`, `STORAGE_FAILED`
   */
  async patch(cameraId: string, patch: CameraPatch): Promise<CameraView> {
    const view = this.#roster.patch(cameraId, patch)
    if (patch.name !== undefined)
      for (const seat of this.seats) if (seat.camera.id === cameraId) seat.renamed()
    await this.#save().catch((cause: Error) => {
      throw new RequestError('STORAGE_FAILED', `it holds until the server ends: ${cause.message}`, {
        cause,
      })
    })
    return view
  }

  takeId(): string | undefined {
    return this.takes.runningId
  }

  /** Free space; it lasts at what was asked of the cameras that record, else at what a start would ask of all. */
  disk(): DiskReport | undefined {
    return this.#options.disk.report((this.#askedMbps() * 1e6) / 8)
  }

  /** Of all cameras together. */
  #askedMbps(): number {
    const inTake = this.seats.filter((seat) => seat.isBusy).length
    return (inTake || this.#seats.size) * this.#mbps
  }

  dataFault(): string | undefined {
    return this.#options.disk.fault
  }

  /** @throws {RequestError} `DISK_SPACE_LOW`, `DATA_FOLDER_UNUSABLE` */
  start(request: StartRequest, camera?: string): Sent {
    return this.#start(request, camera === undefined ? undefined : new Set([camera])).sent
  }

  stop(camera?: string): Sent {
    return this.#stop(camera === undefined ? undefined : new Set([camera])).sent
  }

  async tell(id: string, text: string): Promise<void> {
    const board = this.seats.map(({ camera }) => camera).find((camera) => camera.id === id)
    if (!(board instanceof Board)) throw new Error('it is no board')
    await board.tell(text)
  }

  /**
   * What a page commands; resolves once every camera has answered, or in time without.
   *
   * @throws {RequestError} `NOT_FOUND` for ids that are not connected, `NO_CAMERA`, `DISK_SPACE_LOW`.
   */
  command(asked: Command): Promise<CommandAnswer> {
    const { command, cameras } = asked
    const only = cameras && new Set(cameras)
    const ids = new Set(this.seats.map(({ camera }) => camera.id))
    const unknown = [...(only ?? [])].filter((id) => !ids.has(id))
    if (unknown.length > 0)
      throw new RequestError('NOT_FOUND', `cameras: not connected: ${namesText(unknown)}`)
    const request = requestOf(asked)
    // Even with nobody there a stop ends the take.
    if (this.#seats.size === 0 && (command === 'start' || !this.takeId()))
      throw new RequestError('NO_CAMERA', `no camera is connected, nothing is ${DONE[command]}`)
    const before = this.takeId()
    const { sent, answer } = command === 'start' ? this.#start(request, only) : this.#stop(only)
    const count = only?.size ?? this.#seats.size
    const text = command === 'start' ? ` (${startText(request)})` : ''
    const take = sent.takeId ?? before
    this.#options.log.info({ ...(take && { take }) }, 'a page: %s %s%s', command, camerasText(count), text)
    return answer
  }

  /** Call a few times a second. */
  tick(): void {
    this.#tellTake()
    this.#roster.tick()
    if (this.#isOpen) this.#condition.tick()
  }

  /** Resolves once all is on the disk. */
  async close(): Promise<void> {
    await Promise.all([this.#file.idle(), this.#endedTakes.idle()])
  }

  #start(request: StartRequest, only: ReadonlySet<string> | undefined) {
    const asked = this.seats.filter(({ camera }) => !only || only.has(camera.id))
    this.#options.disk.refuseIfLow({ cameras: asked.length, mbps: request.bitrateMbps })
    this.#mbps = request.bitrateMbps
    const idle = asked.filter(({ camera }) => !this.takes.isIn(camera.id))
    if (!only && idle.length > 0) this.#boardSettings = request
    for (const seat of asked) seat.recorder.hurry()
    for (const seat of idle) seat.ask(request)
    return this.#sent('start', asked, this.takes.start(request, only))
  }

  #stop(only: ReadonlySet<string> | undefined) {
    const asked = this.seats.filter(({ camera }) => !only || only.has(camera.id))
    return this.#sent('stop', asked, this.takes.stop(only))
  }

  #sent(
    command: Command['command'],
    asked: Seat[],
    sent: Sent,
  ): { sent: Sent; answer: Promise<CommandAnswer> } {
    this.#tellTake()
    const ids = asked.map(({ camera }) => camera.id)
    const answer = sent.outcome.then((outcome) => {
      const take = command === 'start' ? (sent.takeId ?? null) : null
      const told: CommandAnswer = { command, take, cameras: results(ids, outcome) }
      this.events.publish({ type: 'command', answer: told })
      return told
    })
    return { sent, answer }
  }

  async #save(): Promise<void> {
    try {
      await this.#file.save(() => {
        this.#profiles.isChanged = false
        return this.#profiles.all
      })
    } catch (error) {
      this.#profiles.isChanged = true
      throw error
    }
  }

  #snapshot(): RoomEvent {
    const { version, clock } = this.#options
    return {
      type: 'snapshot',
      serverStartedAtMs: this.startedAtMs,
      serverTimeMs: clock.wallMs(),
      version,
      cameras: this.views(),
      take: this.takes.running ?? null,
      disk: this.#diskView() ?? null,
      health: this.#condition.health,
    }
  }

  #tellTake(): void {
    if (this.takeId() === this.#toldTake) return
    this.#toldTake = this.takeId()
    this.#fellOut.clear()
    this.events.publish({ type: 'take', take: this.takes.running ?? null })
  }

  #diskView(): DiskView | undefined {
    const report = this.disk()
    if (!report) return undefined
    const { freeBytes, minutes, isLow } = report
    return { freeBytes, minutesLeft: minutes ?? null, askedMbps: this.#askedMbps(), isLow }
  }
}

const DONE = { start: 'started', stop: 'stopped' }
