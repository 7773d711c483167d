/**
 * What plays of a recording, and where it is: several parts, one behind the other, in one <video>. Of JPEG pictures the film for
 * browsers, which holds all parts.
 */

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import type { Moment } from './intervals.ts'
import { pathOf } from './library-store.ts'

export class Playback {
  readonly #id: string
  /** One file holds all parts. */
  readonly #isOneFile: boolean
  /** When each part begins, in ms after the first; a recording that grows gets more. */
  readonly partsAtMs: Signal<readonly number[]>
  /** What plays: part 1 is stream.mp4. */
  readonly part: Signal<number> = signal(1)
  /** Where it is in that part, in ms. */
  readonly atMs = signal(0)
  readonly isPlaying = signal(false)
  /** It cannot be played. */
  readonly failed = signal(false)
  /** Counts up when the file has grown: a new address makes the browser read it anew. */
  readonly #version = signal(0)
  /** How often the file was read anew. */
  readonly version: ReadonlySignal<number> = this.#version
  readonly src: ReadonlySignal<string>
  #video: HTMLVideoElement | undefined
  /** Where to go once the part is loaded. */
  #waiting: { atMs: number; plays: boolean } | undefined

  constructor({ id, format, partsAtMs }: Pick<RecordingSummary, 'id' | 'format' | 'partsAtMs'>) {
    this.#id = id
    this.#isOneFile = format === 'jpeg'
    this.partsAtMs = signal(partsAtMs)
    this.src = computed(() => {
      const file = this.#isOneFile ? PLAYABLE : fileOfPart(this.part.value)
      const path = `${pathOf(this.#id)}/${file}`
      return this.#version.value > 0 ? `${path}?v=${this.#version.value}` : path
    })
  }

  /** Takes the element that shows it; undefined when that goes. */
  attach(video: HTMLVideoElement | null): void {
    this.#video = video ?? undefined
  }

  /** Goes to a moment, and plays on if it played. */
  seek({ part, atMs }: Moment, plays = this.isPlaying.peek()): void {
    const wanted = Math.min(Math.max(1, part), this.#parts)
    const isThere = this.#isOneFile || wanted === this.part.peek()
    this.atMs.value = atMs
    if (isThere && this.#video && this.#video.readyState > 0) {
      this.part.value = wanted
      this.#video.currentTime = (this.#fileAtMs + atMs) / 1000
      if (plays) void this.#video.play().catch(() => {})
      return
    }
    this.#waiting = { atMs, plays }
    this.part.value = wanted
  }

  get #parts(): number {
    return Math.max(1, this.partsAtMs.peek().length)
  }

  /** Where the part that plays lies in its file, in ms. */
  get #fileAtMs(): number {
    return this.#isOneFile ? (this.partsAtMs.peek()[this.part.peek() - 1] ?? 0) : 0
  }

  /** Reads the file anew, where it is: it has grown, or was closed. */
  reload(): void {
    this.#waiting = { atMs: this.atMs.peek(), plays: this.isPlaying.peek() }
    this.failed.value = false
    this.#version.value += 1
  }

  /** The element's own events. */
  readonly on = {
    loadedmetadata: () => {
      const { atMs, plays } = this.#waiting ?? {}
      this.#waiting = undefined
      this.failed.value = false
      if (!this.#video || atMs === undefined) return
      this.#video.currentTime = (this.#fileAtMs + atMs) / 1000
      if (plays) void this.#video.play().catch(() => {})
    },
    timeupdate: () => {
      if (!this.#video || this.#waiting) return
      const fileMs = this.#video.currentTime * 1000
      if (this.#isOneFile) this.part.value = momentAt(this.partsAtMs.peek(), fileMs).part
      this.atMs.value = fileMs - this.#fileAtMs
    },
    play: () => {
      this.isPlaying.value = true
    },
    pause: () => {
      if (!this.#waiting) this.isPlaying.value = false
    },
    ended: () => {
      this.isPlaying.value = false
      if (this.part.peek() < this.#parts) this.seek({ part: this.part.peek() + 1, atMs: 0 }, true)
    },
    error: () => {
      this.failed.value = true
    },
  }
}

/** The moment of the film that lies so many ms after its beginning: in the last part that has begun by then. */
export function momentAt(partsAtMs: readonly number[], atMs: number): Moment {
  const part = Math.max(1, partsAtMs.findLastIndex((beginsMs) => beginsMs <= atMs) + 1)
  return { part, atMs: atMs - (partsAtMs[part - 1] ?? 0) }
}

/** The film for browsers of a recording of JPEG pictures. */
export const PLAYABLE = 'stream.h264.mp4'

/** stream.mp4, stream.2.mp4, … */
export function fileOfPart(part: number): string {
  return part === 1 ? 'stream.mp4' : `stream.${part}.mp4`
}
