/** How the server itself is: space and health, told when they change noticeably. */

import type { Health } from '../http/health.ts'
import type { Clock } from '../time.ts'
import type { DiskView, RoomEvent } from '../wire/api/events.ts'

/** How often it is looked, in ms. */
const LOOK_MS = 2000
/** Digits of free bytes and of minutes left in which a change is news. */
const FREE_DIGITS = 3
const MINUTES_DIGITS = 2

export type HealthView = Extract<RoomEvent, { type: 'health' }>['health']

export interface ConditionOptions {
  clock: Clock
  disk: () => DiskView | undefined
  /** Writes a file each time. Must not reject. */
  health: () => Promise<Health>
  /** Nobody needs to know how it is now. */
  isUnwatched: () => boolean
  publish: (event: RoomEvent) => void
}

export class Condition {
  readonly #options: ConditionOptions
  #health: HealthView = { level: 'good', reasons: [] }
  #toldDisk = ''
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: ConditionOptions) {
    this.#options = options
  }

  /** As it was found last. */
  get health(): HealthView {
    return this.#health
  }

  /** Call a few times a second. */
  tick(): void {
    const { clock, isUnwatched } = this.#options
    const nowMs = clock.monotonicMs()
    const isFirst = this.#lookedMs === Number.NEGATIVE_INFINITY
    if (nowMs - this.#lookedMs < LOOK_MS) return
    this.#lookedMs = nowMs
    this.#tellDisk()
    if (isFirst || !isUnwatched()) void this.#tellHealth()
  }

  #tellDisk(): void {
    const disk = this.#options.disk()
    if (!disk) return
    const { freeBytes, minutesLeft, isLow } = disk
    const rough = `${freeBytes.toPrecision(FREE_DIGITS)} ${minutesLeft?.toPrecision(MINUTES_DIGITS)} ${isLow}`
    if (rough === this.#toldDisk) return
    this.#toldDisk = rough
    this.#options.publish({ type: 'disk', disk })
  }

  async #tellHealth(): Promise<void> {
    const health = viewOf(await this.#options.health())
    if (health.reasons.join() === this.#health.reasons.join()) return
    this.#health = health
    this.#options.publish({ type: 'health', health })
  }
}

/** A loop that is late still records; what else is wrong keeps recordings from beginning. */
function viewOf({ reasons }: Health): HealthView {
  const codes = reasons.map(({ code }) => code)
  const isBad = codes.some((code) => code !== 'event-loop-late')
  return { level: isBad ? 'bad' : codes.length > 0 ? 'warning' : 'good', reasons: codes }
}
