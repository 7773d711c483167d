/**
 * `/metrics`, as Prometheus reads it. docs/metrics.md lists what stands here.
 *
 * Counters are read when someone asks; only what the disk took is noted as it happens, some times a second.
 */

import type { FastifyPluginCallback } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { DelayFigures } from './loop-delay.ts'

/** Counts since the server began, and what is so now. */
export interface Readings {
  cameras: Record<
    'ready' | 'starting' | 'unrecorded' | 'recording' | 'disk_full' | 'disk_failed' | 'away',
    number
  >
  connections: number
  viewers: number
  /** Pictures that viewers were too slow for. */
  skippedLive: number
  packets: number
  bytes: number
  pictures: number
  malformed: number
  missing: number
  late: number
  repeated: number
  notH264: number
  /** Pictures, by cause. */
  dropped: Record<string, number>
  openRecordings: number
  recordedSeconds: number
  pausedSeconds: number
  writtenBytes: number
  /** undefined when the system does not say. */
  freeBytes: number | undefined
  leftHours: number | undefined
  loopDelay: DelayFigures
  /** Recordings that ended, by state. */
  closes: Record<'closed' | 'failed', number>
  recoveries: Record<'recovered' | 'failed', number>
  /** Recordings and bytes that retention removed, by the limit. */
  removed: Record<string, number>
  removedBytes: Record<string, number>
}

type Value = number | undefined | object

interface Row {
  name: string
  help: string
  /** Name of the label, when there is one for each key of the value. */
  label?: string
  read: (readings: Readings) => Value
}

const GAUGES: Row[] = [
  { name: 'connections', help: 'Sockets of cameras that are open.', read: (r) => r.connections },
  { name: 'viewers', help: 'Live views that are open.', read: (r) => r.viewers },
  { name: 'cameras', help: 'Cameras by what they do.', label: 'state', read: (r) => r.cameras },
  { name: 'open_recordings', help: 'Recordings that are being written.', read: (r) => r.openRecordings },
  { name: 'free_bytes', help: 'Free on the disk of the data folder.', read: (r) => r.freeBytes },
  {
    name: 'recording_left_hours',
    help: 'Until the disk is full, at the pace of the last minute; +Inf while nothing is written.',
    read: (r) => r.leftHours,
  },
  {
    name: 'event_loop_delay_seconds',
    help: 'How late the server came to its work in the last half to whole minute.',
    label: 'figure',
    read: (r) => r.loopDelay,
  },
]

const COUNTERS: Row[] = [
  { name: 'packets_total', help: 'Frame packets that came in.', read: (r) => r.packets },
  { name: 'received_bytes_total', help: 'Bytes of their payloads.', read: (r) => r.bytes },
  { name: 'pictures_total', help: 'Pictures that came in.', read: (r) => r.pictures },
  {
    name: 'malformed_total',
    help: 'Binary messages that are no frame packet; dropped.',
    read: (r) => r.malformed,
  },
  {
    name: 'not_h264_total',
    help: 'Frame packets that are no H.264; kept in stream.h264 only.',
    read: (r) => r.notH264,
  },
  {
    name: 'pictures_missing_total',
    help: 'Sequence numbers that did not come in their turn.',
    read: (r) => r.missing,
  },
  { name: 'pictures_late_total', help: 'Of the missing ones, those that came later.', read: (r) => r.late },
  {
    name: 'pictures_repeated_total',
    help: 'Sequence numbers that came again.',
    read: (r) => r.repeated,
  },
  {
    name: 'pictures_dropped_total',
    help: 'Pictures that came and are in no MP4.',
    label: 'cause',
    read: (r) => r.dropped,
  },
  {
    name: 'live_skipped_total',
    help: 'Pictures that live viewers were too slow for; each viewer counts.',
    read: (r) => r.skippedLive,
  },
  {
    name: 'recorded_seconds_total',
    help: 'Time that recordings span, from their first picture to their last.',
    read: (r) => r.recordedSeconds,
  },
  {
    name: 'pause_seconds_total',
    help: 'Time that cameras had to wait because the disk was behind.',
    read: (r) => r.pausedSeconds,
  },
  { name: 'written_bytes_total', help: 'Written to the files of recordings.', read: (r) => r.writtenBytes },
  {
    name: 'recordings_ended_total',
    help: 'Recordings by how they ended.',
    label: 'state',
    read: (r) => r.closes,
  },
  {
    name: 'recoveries_total',
    help: 'Recordings that a crash had left, and what became of them.',
    label: 'result',
    read: (r) => r.recoveries,
  },
  {
    name: 'retention_removed_total',
    help: 'Recordings that retention removed.',
    label: 'reason',
    read: (r) => r.removed,
  },
  {
    name: 'retention_removed_bytes_total',
    help: 'Bytes of the recordings that retention removed.',
    label: 'reason',
    read: (r) => r.removedBytes,
  },
]

const PREFIX = 'rollcall_'
/** From a cache's pace to that of a disk that hangs, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** From nothing to what a person sees, in seconds. */
const LIVE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

export class Metrics {
  readonly #registry = new Registry()
  readonly #read: () => Promise<Readings>
  readonly #writes: Histogram
  readonly #syncs: Histogram
  readonly #live: Histogram
  /** What the scrape that is answered shows. */
  #now: Readings | undefined

  constructor(read: () => Promise<Readings>) {
    this.#read = read
    for (const row of GAUGES) this.#add(Gauge, row, (gauge, labels, value) => gauge.set(labels, value))
    for (const row of COUNTERS)
      this.#add(Counter, row, (counter, labels, value) => counter.inc(labels, value))
    this.#writes = this.#histogram(
      'fragment_write_seconds',
      'Time that a gathered write of fragments took, with their rows and payloads.',
    )
    this.#syncs = this.#histogram('sync_seconds', "Time that forcing a recording's files onto the disk took.")
    this.#live = this.#histogram(
      'live_delay_seconds',
      'From the arrival of a picture to its sending to a live viewer; each viewer counts.',
      LIVE_BUCKETS,
    )
  }

  wrote(tookMs: number): void {
    this.#writes.observe(tookMs / 1000)
  }

  synced(tookMs: number): void {
    this.#syncs.observe(tookMs / 1000)
  }

  sentLive(delayMs: number): void {
    this.#live.observe(delayMs / 1000)
  }

  readonly routes: FastifyPluginCallback = (app, _options, done) => {
    app.get(
      '/metrics',
      { schema: { summary: 'Figures for Prometheus, see docs/metrics.md' } },
      async (_request, reply) => {
        this.#now = await this.#read()
        reply.header('content-type', this.#registry.contentType).header('cache-control', 'no-store')
        return this.#registry.metrics()
      },
    )
    done()
  }

  #add<M extends Gauge | Counter>(
    Metric: new (options: {
      name: string
      help: string
      labelNames: string[]
      registers: Registry[]
      collect: () => void
    }) => M,
    { name, help, label, read }: Row,
    set: (metric: M, labels: Record<string, string>, value: number) => void,
  ): void {
    const metric: M = new Metric({
      name: PREFIX + name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#registry],
      collect: () => {
        const value = this.#now && read(this.#now)
        metric.reset()
        if (typeof value === 'number') set(metric, {}, value)
        else if (value === undefined) metric.remove()
        else for (const [key, each] of Object.entries(value)) set(metric, { [label!]: key }, each)
      },
    })
  }

  #histogram(name: string, help: string, buckets = BUCKETS): Histogram {
    return new Histogram({ name: PREFIX + name, help, buckets, registers: [this.#registry] })
  }
}
