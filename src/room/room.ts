/**
 * What people see and steer: cameras with their names, takes, commands, space, health; and the events that tell of them.
 *
 * The terminal and the pages both come here. What is recorded, and what becomes of it, belongs elsewhere.
 */

import type { Config } from '../config.ts'
import { startText } from '../console/command.ts'
import { type CameraRow, camerasText, type Room } from '../console/room.ts'
import { RequestError } from '../errors.ts'
import type { Health } from '../http/health.ts'
import type { DiskReport, DiskSpace } from '../library/disk-space.ts'
import { excerpt, type Log } from '../log.ts'
import { type Outcome, type Sent, Takes } from '../recording/take.ts'
import type { Seat } from '../seat.ts'
import type { Clock } from '../time.ts'
import type { CameraPatch, CameraView, Command, CommandAnswer } from '../wire/api/cameras.ts'
import type { DiskView, RoomEvent } from '../wire/api/events.ts'
import type { StartRequest } from '../wire/messages.ts'
import { Events } from './events.ts'
import { ProfileFile } from './profile-file.ts'
import { Profiles } from './profiles.ts'
import { Roster } from './roster.ts'

/** What cameras are taken to send before any was started, in Mbit/s: the default of `start`. */
const DEFAULT_MBPS = 4
const DEFAULT_FPS = 10
/** How often disk and health are looked at, in ms. */
const LOOK_MS = 2000
/** Digits of free bytes and of minutes left in which a change is news. */
const FREE_DIGITS = 3
const MINUTES_DIGITS = 2
/** Of what a caller made up so much is quoted. */
const MAX_NAMED = 10
const MAX_NAMED_CHARS = 60

type HealthView = Extract<RoomEvent, { type: 'health' }>['health']

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
  readonly #seats = new Map<string, Seat>()
  readonly #file: ProfileFile
  readonly #profiles = new Profiles()
  readonly #roster: Roster
  /** Profiles whose cameras fell out of the running take. */
  readonly #fellOut = new Set<string>()
  #mbps = DEFAULT_MBPS
  #toldTake: string | undefined
  #toldDisk = ''
  #health: HealthView = { level: 'good', reasons: [] }
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: ControlRoomOptions) {
    this.#options = options
    const { config, clock, log } = options
    const { confirmMs, joinRunningTake, data: dataDir } = config
    this.startedAtMs = clock.wallMs()
    this.takes = new Takes({ clock, confirmMs, joinRunningTake })
    this.events = new Events({ startId: String(this.startedAtMs), snapshot: () => this.#snapshot() })
    this.#file = new ProfileFile({ dataDir, log })
    this.#roster = new Roster({
      profiles: this.#profiles,
      clock,
      publish: (event) => this.events.publish(event),
      onProfile: (cameraId, { profile }) => {
        if (this.#fellOut.delete(profile)) this.takes.fellOut(cameraId)
        this.#file
          .save(() => this.#profiles.all)
          .catch((error: Error) => log.warn('the names of cameras cannot be kept: %s', error.message))
      },
    })
  }

  /** Reads what cameras are called. Before the first can connect. */
  async open(): Promise<void> {
    this.#profiles.load(await this.#file.read())
    void this.#lookAtHealth()
  }

  /** Everybody who is connected. */
  get seats(): readonly Seat[] {
    return [...this.#seats.values()]
  }

  /** A camera has connected. */
  entered(seat: Seat): void {
    this.#seats.set(seat.camera.id, seat)
    this.#roster.add(seat)
    seat.join()
  }

  introduced(cameraId: string): void {
    this.#roster.introduce(cameraId)
  }

  /** What a person calls it; from here on it has its profile. */
  nameOf(cameraId: string): string | null {
    return this.#roster.introduce(cameraId)?.name ?? null
  }

  left(cameraId: string, fellOutOfTake: boolean): void {
    this.#seats.delete(cameraId)
    const profile = this.#roster.remove(cameraId)
    if (profile && fellOutOfTake) this.#fellOut.add(profile.profile)
  }

  cameras(): CameraRow[] {
    return this.seats.map((seat) => seat.row())
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
    await this.#file
      .save(() => this.#profiles.all)
      .catch((cause: Error) => {
        throw new RequestError('STORAGE_FAILED', `it holds until the server ends: ${cause.message}`, {
          cause,
        })
      })
    return view
  }

  takeId(): string | undefined {
    return this.takes.runningId
  }

  disk(): DiskReport | undefined {
    return this.#options.disk.report((this.#seats.size * this.#mbps * 1e6) / 8)
  }

  /** @throws {RequestError} `DISK_SPACE_LOW` */
  start(request: StartRequest): Sent {
    return this.#start(request, undefined).sent
  }

  stop(): Sent {
    return this.#stop(undefined).sent
  }

  /**
   * What a page commands; resolves once every camera has answered, or in time without.
   *
   * @throws {RequestError} `NOT_FOUND` for ids that are not connected, `NO_CAMERA`, `DISK_SPACE_LOW`.
   */
  command({ command, cameras, aspectRatio, bitrateMbps, fps }: Command): Promise<CommandAnswer> {
    const only = cameras && new Set(cameras)
    const unknown = [...(only ?? [])].filter((id) => !this.#seats.has(id))
    if (unknown.length > 0)
      throw new RequestError('NOT_FOUND', `cameras: not connected: ${namesText(unknown)}`)
    const [width, height] = (aspectRatio ?? '').split(':').map(Number)
    const request: StartRequest = {
      ...(width && height && { aspectRatio: { width, height } }),
      bitrateMbps: bitrateMbps ?? DEFAULT_MBPS,
      fps: fps ?? DEFAULT_FPS,
    }
    // Even with nobody there a stop ends the take.
    if (this.#seats.size === 0 && (command === 'start' || !this.takeId()))
      throw new RequestError('NO_CAMERA', `no camera is connected, nothing is ${DONE[command]}`)
    const before = this.takeId()
    const { sent, answer } = command === 'start' ? this.#start(request, only) : this.#stop(only)
    const asked = only?.size ?? this.#seats.size
    const text = command === 'start' ? ` (${startText(request)})` : ''
    const take = sent.takeId ?? before
    this.#options.log.info({ ...(take && { take }) }, 'a page: %s %s%s', command, camerasText(asked), text)
    return answer
  }

  /** Call a few times a second. */
  tick(): void {
    this.#tellTake()
    this.#roster.tick()
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#lookedMs < LOOK_MS) return
    this.#lookedMs = nowMs
    this.#tellDisk()
    // It writes a file each time: for nobody that is too much.
    if (this.events.listeners > 0) void this.#lookAtHealth()
  }

  /** Resolves once all is on the disk. */
  async close(): Promise<void> {
    await this.#file.idle()
  }

  #start(request: StartRequest, only: ReadonlySet<string> | undefined) {
    const asked = this.seats.filter(({ camera }) => !only || only.has(camera.id))
    this.#options.disk.refuseIfLow({ cameras: asked.length, mbps: request.bitrateMbps })
    this.#mbps = request.bitrateMbps
    for (const { recorder } of asked) recorder.hurry()
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
      health: this.#health,
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
    return report && { freeBytes: report.freeBytes, minutesLeft: report.minutes ?? null, isLow: report.isLow }
  }

  #tellDisk(): void {
    const disk = this.#diskView()
    if (!disk) return
    const { freeBytes, minutesLeft, isLow } = disk
    const rough = `${freeBytes.toPrecision(FREE_DIGITS)} ${minutesLeft?.toPrecision(MINUTES_DIGITS)} ${isLow}`
    if (rough === this.#toldDisk) return
    this.#toldDisk = rough
    this.events.publish({ type: 'disk', disk })
  }

  async #lookAtHealth(): Promise<void> {
    const { reasons } = await this.#options.health()
    const codes = reasons.map(({ code }) => code)
    const isBad = codes.some((code) => code !== 'event-loop-late')
    const health: HealthView = {
      level: isBad ? 'bad' : codes.length > 0 ? 'warning' : 'good',
      reasons: codes,
    }
    if (health.reasons.join() === this.#health.reasons.join()) return
    this.#health = health
    this.events.publish({ type: 'health', health })
  }
}

const DONE = { start: 'started', stop: 'stopped' }

/** Ids that a caller made up, for a message. */
function namesText(ids: string[]): string {
  const named = ids.slice(0, MAX_NAMED).map((id) => JSON.stringify(id.slice(0, MAX_NAMED_CHARS)))
  return named.join(', ') + (ids.length > MAX_NAMED ? `, and ${ids.length - MAX_NAMED} more` : '')
}

/** By camera; one that was not asked was in the take already. */
function results(ids: string[], outcome: Outcome): CommandAnswer['cameras'] {
  const known = new Map<string, CommandAnswer['cameras'][number]>()
  for (const result of ['confirmed', 'already', 'silent'] as const)
    for (const camera of outcome[result]) known.set(camera, { camera, result, message: null })
  for (const result of ['refused', 'failed'] as const)
    for (const { camera, message } of outcome[result])
      known.set(camera, { camera, result, message: excerpt(message) })
  return ids.map((camera) => known.get(camera) ?? { camera, result: 'already', message: null })
}
