/** What keeps a server in order beside the recording: retention, figures, health. Connects them with each other. */

import type { FastifyPluginCallback } from 'fastify'
import type { Config } from './config.ts'
import type { CameraRow } from './console/room.ts'
import type { StorageError } from './errors.ts'
import { type Health, healthOf, healthRoutes } from './http/health.ts'
import { LoopDelay } from './http/loop-delay.ts'
import { Metrics, type Readings } from './http/metrics.ts'
import { DataProbe } from './library/data-probe.ts'
import { Readers } from './library/readers.ts'
import type { DiskMeter } from './library/recording-folder.ts'
import { Retention, reasonText } from './library/retention.ts'
import type { Reason, Unmet, Victim } from './library/retention-policy.ts'
import { WriteRate } from './library/write-rate.ts'
import type { Log } from './log.ts'
import { Tally } from './recording/totals.ts'
import { Repeats } from './repeats.ts'
import type { Clock } from './time.ts'

/** Labels of metrics hold no spaces. */
const METRIC_STATE = {
  ready: 'ready',
  starting: 'starting',
  unrecorded: 'unrecorded',
  recording: 'recording',
  'disk full': 'disk_full',
  'disk failed': 'disk_failed',
  away: 'away',
} as const satisfies Record<CameraRow['state'], keyof Readings['cameras']>

export interface OperationOptions {
  config: Config
  log: Log
  clock: Clock
  cameras: () => CameraRow[]
  live: () => { viewers: number; skippedPictures: number }
  /** Whether the server has a recording in hand. */
  isInHand: (id: string) => boolean
  /** Retention has removed a recording. */
  onRemoved: (id: string) => void
  /** Removes for good what people have deleted. */
  emptyDeleted: () => Promise<void>
}

export class Operation {
  readonly #options: OperationOptions
  /** The totals of every camera that was ever there. */
  readonly tally = new Tally()
  /** Who reads which recording. */
  readonly readers = new Readers()
  /** Where lines go that a peer can cause at will. */
  readonly repeats: Repeats
  readonly retention: Retention
  readonly routes: readonly FastifyPluginCallback[]
  /** For every folder that is written. */
  readonly meter: DiskMeter
  /** A picture was sent to a viewer as it came: from its arrival to then, in ms. */
  readonly sentLive: (delayMs: number) => void
  readonly #rate: WriteRate
  readonly #loopDelay = new LoopDelay()
  readonly #probe: DataProbe
  readonly #recoveries = { recovered: 0, failed: 0 }
  readonly #removed: Record<Reason, number> = { keepDays: 0, keepBytes: 0, minFree: 0 }
  readonly #removedBytes: Record<Reason, number> = { keepDays: 0, keepBytes: 0, minFree: 0 }

  constructor(options: OperationOptions) {
    this.#options = options
    const { config, log, clock, isInHand } = options
    const { data: dataDir, keepDays, keepBytes, minFree } = config
    this.repeats = new Repeats({ log, clock })
    this.#rate = new WriteRate(clock)
    this.#probe = new DataProbe({ dataDir, clock })
    this.retention = new Retention({
      dataDir,
      limits: { keepDays, keepBytes, minFree },
      clock,
      isBusy: (id) => this.readers.isReading(id) || isInHand(id),
      emptyDeleted: () => options.emptyDeleted(),
      onRemoved: (victim) => this.#wasRemoved(victim),
      onFailure: (error) => this.#retentionFailed(error),
      onUnmet: (unmet) => this.#limitsUnmet(unmet),
      onClockStep: (stepMs) =>
        log.warn(
          { seconds: Math.round(stepMs / 1000) },
          'the clock was set, or the machine slept: for an hour nothing is removed for its age',
        ),
    })
    const metrics = new Metrics(() => this.#readings())
    this.meter = {
      wrote: (tookMs, bytes) => {
        metrics.wrote(tookMs)
        this.#rate.wrote(bytes)
      },
      synced: (tookMs) => metrics.synced(tookMs),
    }
    this.sentLive = (delayMs) => metrics.sentLive(delayMs)
    this.routes = [metrics.routes, healthRoutes(() => this.#healthFacts())]
  }

  /** Call a few times a second. */
  tick(): void {
    this.repeats.tick()
    this.#rate.tick()
  }

  async health(): Promise<Health> {
    return healthOf(await this.#healthFacts())
  }

  recovered(result: 'recovered' | 'failed'): void {
    this.#recoveries[result] += 1
  }

  /** Lets what runs come to its end, and tells what was held back. May be called twice. */
  async close(): Promise<void> {
    await this.retention.close()
    this.#loopDelay.close()
    this.repeats.flush()
  }

  #wasRemoved({ id, reason, bytes }: Victim): void {
    this.#removed[reason] += 1
    this.#removedBytes[reason] += bytes
    this.#options.onRemoved(id)
    this.#options.log.info(
      { recording: id, reason: reasonText(reason, this.#options.config), bytes },
      'removed',
    )
  }

  #limitsUnmet(unmet: Unmet[]): void {
    const { config } = this.#options
    const limits = unmet.map(({ limit, bytes }) => {
      const stands = limit === 'keepBytes' ? 'the recordings take' : 'free are'
      return `${limit} ${config[limit]} (${stands} ${bytes} bytes)`
    })
    const message =
      unmet.length > 0
        ? `cannot be kept: ${limits.join(', ')}; no recording is left that may go: those there are open, starred, being read or cannot be read`
        : 'the limits of retention are kept again'
    this.repeats.line({ level: unmet.length > 0 ? 'warn' : 'info', key: 'unmet', fields: {}, message })
  }

  #retentionFailed(error: StorageError): void {
    this.repeats.line({
      level: 'error',
      key: 'retention',
      fields: { code: error.code },
      message: error.message,
    })
  }

  async #readings(): Promise<Readings> {
    const { cameras, live } = this.#options
    const states = {
      ready: 0,
      starting: 0,
      unrecorded: 0,
      recording: 0,
      disk_full: 0,
      disk_failed: 0,
      away: 0,
    }
    const rows = cameras()
    for (const { state } of rows) states[METRIC_STATE[state]] += 1
    const totals = this.tally.read()
    // A disk that hangs must not hang who asks.
    const { freeBytes: free } = await this.#probe.look()
    return {
      cameras: states,
      connections: rows.length,
      viewers: live().viewers,
      skippedLive: live().skippedPictures,
      packets: totals.packets,
      bytes: totals.bytes,
      pictures: totals.pictures,
      malformed: totals.malformed,
      missing: totals.missing,
      late: totals.late,
      dropped: {
        no_recording: totals.unrecorded,
        disk: totals.diskRefused,
        before_keyframe: totals.beforeKeyframe,
      },
      repeated: totals.repeated,
      notH264: totals.notH264,
      openRecordings: states.recording,
      recordedSeconds: totals.recordedMs / 1000,
      pausedSeconds: totals.pausedMs / 1000,
      writtenBytes: this.#rate.bytes,
      freeBytes: free,
      leftHours: free && free / this.#rate.perSecond() / 3600,
      loopDelay: this.#loopDelay.read(),
      closes: { closed: totals.closed, failed: totals.failed },
      recoveries: this.#recoveries,
      removed: this.#removed,
      removedBytes: this.#removedBytes,
    }
  }

  async #healthFacts() {
    const { fault, freeBytes } = await this.#probe.look()
    return {
      dataFault: fault,
      freeBytes,
      leastFreeBytes: this.#options.config.minFreeBytes,
      loopDelaySeconds: this.#loopDelay.read().max,
    }
  }
}
