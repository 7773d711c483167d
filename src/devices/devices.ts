/**
 * Devices that send numbers or JSON on `/`: a random-number board, a thermometer. They are no cameras.
 *
 * In `devices` belongs what is kept of them and where; which connections are theirs is for `ingest` to say.
 */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../errors.ts'
import type { Connection } from '../ingest/connection.ts'
import { DEVICE_ID_ALLOWED, isDeviceId } from '../ingest/device-id.ts'
import type { Tell } from '../ingest/front-door.ts'
import type { Clock } from '../time.ts'
import type { DeviceView, Readings } from '../wire/api/devices.ts'
import { Device } from './device.ts'
import { csvOf, DEVICES, ReadingsFile } from './readings-file.ts'
import { DeviceSeries, ValueBudget } from './series.ts'

/** Numbers that are kept in memory of all devices together: 32 MB. */
const MAX_VALUES = 2_000_000
/** Numbers in one answer of JSON: about 6 MB, which a page can take and the server writes in one go. */
const MAX_ANSWERED = 200_000
/** Devices that are known; of more the one that said nothing for longest is forgotten. */
const MAX_KNOWN = 1024
/** A device that left is known for so long, in ms: its numbers are then older than an hour. */
const KNOWN_MS = 3_600_000
/** What may be part of a path. */
const FOLDER = /^[A-Za-z0-9][A-Za-z0-9.-]*$/

export interface DevicesOptions {
  dataDir: string
  clock: Clock
  deviceMessagesPerSecond: number
  isDiskFull: () => boolean
  tell: Tell
}

export class Devices {
  readonly #options: DevicesOptions
  readonly #known = new Map<string, Device>()
  readonly #budget = new ValueBudget(MAX_VALUES)

  constructor(options: DevicesOptions) {
    this.#options = options
  }

  /**
   * A connection is a device's.
   *
   * @param ownId - What it calls itself; without it, its address is its name, with a number where others have it.
   * @returns To be called when the connection is a phone's after all. A device that had none before is forgotten then; its
   *   readings stay in its file.
   */
  connected(connection: Connection, ownId: string | undefined): () => void {
    if (ownId !== undefined && !isDeviceId(ownId)) {
      this.#tell('warn', `id ${connection.address}`, `id must be ${DEVICE_ID_ALLOWED}`)
      connection.end('DEVICE_ID_INVALID', `id must be ${DEVICE_ID_ALLOWED}`)
      return () => {}
    }
    const id = ownId ?? this.#idAt(connection.address)
    const before = this.#known.get(id)
    const device = before ?? this.#new(id)
    const release = device.connected(connection, () => this.#forgetOld())
    return () => {
      release()
      const camera = `${connection.address}_${connection.port}`
      this.#tell('info', `device phone ${id}`, 'is a phone, and was taken for a device', {
        camera,
        device: id,
      })
      if (!before) this.#forget(device)
    }
  }

  views(): DeviceView[] {
    this.#forgetOld()
    return [...this.#known.values()].map((device) => device.view())
  }

  /**
   * Numbers of the last hour: where they are too many, the newest of each field.
   *
   * @param sinceMs - From then on, ms since 1970.
   * @throws {RequestError} `NOT_FOUND`
   */
  readings(id: string, sinceMs: number): Readings {
    const series = Object.entries(this.#find(id).series.since(sinceMs, MAX_ANSWERED))
    return {
      device: id,
      serverTimeMs: this.#options.clock.wallMs(),
      series: series.map(([field, { atMs, values }]) => ({ field, atMs, values })),
    }
  }

  /**
   * All of them as CSV, in order of time; in pieces, with time for others in between.
   *
   * @throws {RequestError} `NOT_FOUND`
   */
  csv(id: string): AsyncIterable<string> {
    return csvOf(this.#find(id).series.since(0))
  }

  /**
   * The file of a whole day.
   *
   * @param day - `YYYYMMDD`
   * @throws {RequestError} `NOT_FOUND`
   */
  async fileOf(id: string, day: string): Promise<string> {
    await this.#known.get(id)?.file.flush()
    const path = join(this.#options.dataDir, DEVICES, id, `${day}.csv`)
    if (FOLDER.test(id) && /^\d{8}$/.test(day) && (await stat(path).catch(() => undefined))?.isFile())
      return path
    throw new RequestError('NOT_FOUND', 'there is nothing of this device on this day')
  }

  /** Resolves once all is on the disk. */
  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ file }) => file.flush()))
  }

  #find(id: string): Device {
    const device = this.#known.get(id)
    if (!device) throw new RequestError('NOT_FOUND', 'no device with this id said something in the last hour')
    return device
  }

  /** The first of the address that nobody has. */
  #idAt(address: string): string {
    const base = address.includes(':') ? `v6-${address.replaceAll(/[^A-Za-z0-9]/g, '-')}` : address
    for (let n = 1; ; n += 1) {
      const id = n === 1 ? base : `${base}-${n}`
      if (!this.#known.get(id)?.isConnected) return id
    }
  }

  #new(id: string): Device {
    const { dataDir, clock, deviceMessagesPerSecond, isDiskFull, tell } = this.#options
    const failed = (message: string) => this.#tell('warn', `device file ${id}`, message, { device: id })
    const device = new Device({
      id,
      clock,
      series: new DeviceSeries(this.#budget),
      file: new ReadingsFile({ dataDir, device: id, isDiskFull, onFailure: failed }),
      maxMessagesPerSecond: deviceMessagesPerSecond,
      tell,
    })
    this.#known.set(id, device)
    this.#forgetOld()
    return device
  }

  #forgetOld(): void {
    const gone = [...this.#known.values()].filter(({ isConnected, lastAtMs }) => !isConnected && lastAtMs > 0)
    gone.sort((a, b) => a.lastAtMs - b.lastAtMs)
    const tooMany = this.#known.size - MAX_KNOWN
    const sinceMs = this.#options.clock.wallMs() - KNOWN_MS
    for (const [i, device] of gone.entries()) {
      if (i >= tooMany && device.lastAtMs >= sinceMs) return
      this.#forget(device)
    }
  }

  #forget(device: Device): void {
    this.#known.delete(device.id)
    device.series.clear()
    void device.file.flush()
  }

  #tell(level: 'info' | 'warn', key: string, message: string, fields = {}): void {
    this.#options.tell({ level, key, fields, message })
  }
}
