/** The same fault a thousand times is one line with a count. */

import type { Log } from './log.ts'
import type { Clock } from './time.ts'

/** How long lines of one kind are held back after the first, in ms. */
const HOLD_MS = 10_000
/** Kinds that are remembered: what strangers send must not fill the memory. Of more, those held longest are told at once. */
const MAX_KINDS = 256

type Level = 'info' | 'warn' | 'error'

interface Kind {
  untilMs: number
  /** Lines since then: logged, and held back. */
  shown: number
  held: number
  /** The latest line that was held back. */
  last: (() => void) | undefined
}

export interface Line {
  level: Level
  /** Lines of the same key are the same fault. */
  key: string
  fields: object
  message: string
  /** Lines that may pass before others are held back; left out: 1. */
  most?: number | undefined
}

/**
 * Logs the first lines of a kind, and holds back those that follow; every ten seconds the latest of them is logged, with
 * how many there were in `times`.
 */
export class Repeats {
  readonly #log: Log
  readonly #clock: Clock
  readonly #kinds = new Map<string, Kind>()

  constructor(options: { log: Log; clock: Clock }) {
    this.#log = options.log
    this.#clock = options.clock
  }

  line({ level, key, fields, message, most = 1 }: Line): void {
    const kind = this.#kinds.get(key) ?? this.#begin(key)
    if (kind.shown < most) {
      kind.shown += 1
      this.#log[level](fields, '%s', message)
      return
    }
    kind.held += 1
    kind.last = () => {
      const times = kind.held > 1 ? { times: kind.held } : {}
      this.#log[level]({ ...fields, ...times }, '%s', message)
    }
  }

  /** Tells what was held back long enough. Call it a few times a second. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const [key, kind] of this.#kinds) {
      // The oldest come first.
      if (kind.untilMs > nowMs) return
      this.#kinds.delete(key)
      if (kind.held === 0) continue
      kind.last?.()
      // That line counts: a fault that goes on stays one line in ten seconds.
      this.#kinds.set(key, { ...fresh(nowMs), shown: 1 })
    }
  }

  /** Tells all that is held back. */
  flush(): void {
    for (const { held, last } of this.#kinds.values()) if (held > 0) last?.()
    this.#kinds.clear()
  }

  #begin(key: string): Kind {
    if (this.#kinds.size >= MAX_KINDS) {
      const [[oldest, { held, last }]] = this.#kinds as unknown as [[string, Kind]]
      this.#kinds.delete(oldest)
      if (held > 0) last?.()
    }
    const kind = fresh(this.#clock.monotonicMs())
    this.#kinds.set(key, kind)
    return kind
  }
}

function fresh(nowMs: number): Kind {
  return { untilMs: nowMs + HOLD_MS, shown: 0, held: 0, last: undefined }
}
