/** The line that tells how a run goes: in place on a terminal, now and then in a log. */

import type { Device, DeviceKind } from './device.ts'
import type { Totals } from './table.ts'

/** Where progress goes: a standard stream, or a test's. */
export type Output = Pick<NodeJS.WritableStream, 'write'> & { isTTY?: boolean; columns?: number }

const INTERVAL_MS = 1000
/** Without a terminal, a line in as many intervals, and when others are connected than before. */
const INTERVALS_PER_LOG_LINE = 5
/** Width of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80
/** EL, erase in line: all of it. */
const CLEAR_LINE = '\r\x1b[2K'
/** What people call the devices, what those that send do, and what they send. */
const WORDS = {
  phone: { devices: 'phones', send: 'capture', things: 'pictures' },
  esp: { devices: 'boards', send: 'capture', things: 'pictures' },
  number: { devices: 'boards', send: 'send', things: 'numbers' },
} as const satisfies Record<DeviceKind, object>
/** A picture sent this late, in ms, means that this machine is too slow. */
const TOO_LATE_MS = 1000

export class Progress {
  readonly #output: Output | undefined
  #timer: NodeJS.Timeout | undefined
  #shown = false
  #toldLate = false

  constructor(output: Output | undefined) {
    this.#output = output
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.#output?.write(`${this.#shown ? CLEAR_LINE : ''}${text}\n`)
    this.#shown = false
  }

  /** Shows, each second, what the devices have sent. */
  start(kind: DeviceKind, devices: readonly Device[]): void {
    if (!this.#output) return
    const words = WORDS[kind]
    let before = totals(devices)
    let beforeMs = performance.now()
    const startMs = beforeMs
    let intervals = 0
    let awayBefore = 0
    this.line(`${words.devices} connected: ${devices.length}`)
    this.#timer = setInterval(() => {
      intervals += 1
      const away = devices.filter((device) => !device.isConnected).length
      const isDue = intervals % INTERVALS_PER_LOG_LINE === 0 || away !== awayBefore
      if (!this.#output?.isTTY && !isDue) return
      awayBefore = away
      const [now, nowMs] = [totals(devices), performance.now()]
      const seconds = (nowMs - beforeMs) / 1000
      const rate = ((now.pictures - before.pictures) / seconds).toFixed(1)
      const mbps = (((now.bytes - before.bytes) * 8) / 1e6 / seconds).toFixed(1)
      const capturing = devices.filter((device) => device.capturing).length
      const queuedMib = devices.reduce((sum, device) => sum + device.queuedBytes, 0) / 2 ** 20
      const parts = [
        `${Math.round((nowMs - startMs) / 1000)} s`,
        `${capturing} of ${devices.length} ${words.send}`,
        `${now.pictures} ${words.things}`,
        `${rate}/s`,
        `${mbps} Mbit/s`,
      ]
      if (away > 0) parts.splice(1, 0, `${away} not connected`)
      if (now.dropped > 0) parts.push(`${now.dropped} dropped`)
      if (queuedMib >= 0.1) parts.push(`${queuedMib.toFixed(1)} MiB queued`)
      this.#warnLate(devices)
      this.#show(parts.join('  '))
      before = now
      beforeMs = nowMs
    }, INTERVAL_MS)
  }

  /** Ends it; the last state stays. May be called twice. */
  close(): void {
    clearInterval(this.#timer)
    if (this.#shown) this.#output?.write('\n')
    this.#shown = false
  }

  #show(text: string): void {
    if (!this.#output?.isTTY) {
      this.line(text)
      return
    }
    // A line that wraps could not be overwritten.
    this.#output.write(CLEAR_LINE + text.slice(0, (this.#output.columns ?? DEFAULT_COLUMNS) - 1))
    this.#shown = true
  }

  #warnLate(devices: readonly Device[]): void {
    if (this.#toldLate || !devices.some(({ maxLateMs }) => maxLateMs > TOO_LATE_MS)) return
    this.#toldLate = true
    this.line(
      'pictures are more than a second late: fewer cameras, smaller pictures, or for phones --source FILE',
    )
  }
}

function totals(devices: readonly Device[]): Totals {
  const sum = { pictures: 0, bytes: 0, dropped: 0 }
  for (const { totals } of devices) {
    sum.pictures += totals.pictures
    sum.bytes += totals.bytes
    sum.dropped += totals.dropped
  }
  return sum
}
