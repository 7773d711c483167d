/** What happens, for those who watch: numbered, kept for a while, given to every listener. Server-sent events. */

import type { RoomEvent } from '../wire/api/events.ts'

/** What a listener that comes back may have missed; the oldest go first. */
const MAX_KEPT_EVENTS = 2000
const MAX_KEPT_CHARS = 1024 * 1024

/** Gets events as text (WHATWG HTML, 9.2), one or several at a time. Must not throw. */
export type Listener = (text: string) => void

export interface EventsOptions {
  /** Tells this start of the server from every other: a number from before it means nothing here. */
  startId: string
  /** All that there is to know now. */
  snapshot: () => RoomEvent
  maxKeptEvents?: number
  maxKeptChars?: number
}

export class Events {
  readonly #startId: string
  readonly #snapshot: () => RoomEvent
  readonly #maxKeptEvents: number
  readonly #maxKeptChars: number
  readonly #listeners = new Set<Listener>()
  /** The newest events as text; the last has the number `#newest`. */
  readonly #kept: string[] = []
  #keptChars = 0
  #newest = 0

  constructor(options: EventsOptions) {
    this.#startId = options.startId
    this.#snapshot = options.snapshot
    this.#maxKeptEvents = options.maxKeptEvents ?? MAX_KEPT_EVENTS
    this.#maxKeptChars = options.maxKeptChars ?? MAX_KEPT_CHARS
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** Tells everybody. */
  publish(event: RoomEvent): void {
    this.#newest += 1
    const text = this.#text(event)
    this.#kept.push(text)
    this.#keptChars += text.length
    while (this.#kept.length > this.#maxKeptEvents || this.#keptChars > this.#maxKeptChars)
      this.#keptChars -= this.#kept.shift()!.length
    for (const listener of this.#listeners) listener(text)
  }

  /**
   * Gives a listener what it missed, or a snapshot, and from then on every event.
   *
   * @param lastId - Of the last event that it got, as it says.
   * @returns Ends it. May be called twice.
   */
  listen(lastId: string | undefined, listener: Listener): () => void {
    const missed = this.#missed(lastId)
    listener(missed ? missed.join('') : this.#text(this.#snapshot()))
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** undefined when it cannot be told. */
  #missed(lastId: string | undefined): string[] | undefined {
    const match = /^(.+)-(\d{1,15})$/.exec(lastId ?? '')
    if (match?.[1] !== this.#startId) return undefined
    const behind = this.#newest - Number(match[2])
    if (behind < 0 || behind > this.#kept.length) return undefined
    return this.#kept.slice(this.#kept.length - behind)
  }

  #text(event: RoomEvent): string {
    return `id: ${this.#startId}-${this.#newest}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  }
}
