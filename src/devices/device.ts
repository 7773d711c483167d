/** A device that sends numbers or JSON as text: what it said last, and its numbers of the last hour. */

import { Allowance } from '../ingest/allowance.ts'
import type { Connection } from '../ingest/connection.ts'
import type { Tell } from '../ingest/front-door.ts'
import type { Clock } from '../time.ts'
import type { DeviceView } from '../wire/api/devices.ts'
import { REPLACED } from '../wire/protocol2-frames.ts'
import { readingOf } from './readings.ts'
import type { ReadingsFile } from './readings-file.ts'
import type { DeviceSeries } from './series.ts'

/** Lines with its texts that may be logged in ten seconds: all that are kept at the usual `deviceMessagesPerSecond`. */
const MAX_LINES = 100

export interface DeviceOptions {
  id: string
  clock: Clock
  series: DeviceSeries
  file: ReadingsFile
  /** More messages a second are not kept. */
  maxMessagesPerSecond: number
  tell: Tell
}

export class Device {
  readonly id: string
  address = ''
  lastAtMs = 0
  readonly #options: DeviceOptions
  readonly #allowance: Allowance
  #connection: Connection | undefined
  #messages = 0
  #leftOut = 0
  #unknown = 0
  #isToldFast = false

  constructor(options: DeviceOptions) {
    this.#options = options
    this.id = options.id
    this.#allowance = new Allowance(options.maxMessagesPerSecond, options.clock)
  }

  get isConnected(): boolean {
    return this.#connection !== undefined
  }

  get series(): DeviceSeries {
    return this.#options.series
  }

  get file(): ReadingsFile {
    return this.#options.file
  }

  /**
   * It has connected; a connection that it still has is closed with 4409.
   *
   * @returns What takes the connection from it again: it is another's.
   */
  connected(connection: Connection, onLeft: () => void): () => void {
    const before = this.#connection
    this.#connection = connection
    before?.replaced(REPLACED, 'another device has this name now')
    this.address = connection.address
    this.lastAtMs = this.#options.clock.wallMs()
    this.#isToldFast = false
    this.#line('info', 'connected', 'connected', { path: connection.path })
    const isOurs = () => this.#connection === connection
    connection.hearer = {
      binary: () => isOurs() && this.#heardUnknown('a binary message, which is no frame packet'),
      text: (text) => isOurs() && connection.mayText() && this.#text(text),
      fault: (error) => isOurs() && this.#line('warn', 'fault', `the connection broke: ${error.message}`),
      surplus: () => isOurs() && this.#line('warn', 'surplus', 'says too much: the rest of it is not shown'),
      closed: () => {
        if (!isOurs()) return
        this.#connection = undefined
        this.#line(
          'info',
          'disconnected',
          'disconnected',
          this.#leftOut > 0 ? { leftOut: this.#leftOut } : {},
        )
        onLeft()
      },
    }
    return () => {
      if (isOurs()) this.#connection = undefined
    }
  }

  view(): DeviceView {
    const { id, address, isConnected, lastAtMs } = this
    const [messages, leftOut, unknown] = [this.#messages, this.#leftOut, this.#unknown]
    return { id, address, isConnected, messages, leftOut, unknown, lastAtMs, latest: this.series.latest() }
  }

  #text(text: string): void {
    const { clock, maxMessagesPerSecond } = this.#options
    this.lastAtMs = clock.wallMs()
    this.#messages += 1
    if (!this.#allowance.take()) {
      this.#leftOut += 1
      const rule = `more than ${maxMessagesPerSecond} messages a second are not kept (deviceMessagesPerSecond)`
      if (!this.#isToldFast) this.#line('warn', 'fast', rule)
      this.#isToldFast = true
      return
    }
    this.#line('info', 'reading', 'says', { text }, MAX_LINES)
    const reading = readingOf(text)
    if (!reading) {
      this.#unknown += 1
      return
    }
    this.series.add(this.lastAtMs, reading)
    this.file.add(this.lastAtMs, reading)
  }

  #heardUnknown(what: string): void {
    this.#messages += 1
    this.#unknown += 1
    this.#line('warn', 'unknown', `dropped ${what}`)
  }

  #line(level: 'info' | 'warn', kind: string, message: string, fields = {}, most?: number): void {
    const { id, address } = this
    this.#options.tell({
      level,
      key: `device ${kind} ${id}`,
      fields: { device: id, ...(id !== address && { address }), ...fields },
      message,
      most,
    })
  }
}
