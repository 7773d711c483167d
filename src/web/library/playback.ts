/** What plays of a recording, and where it is: several parts, one behind the other, in one <video>. */

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Moment } from './intervals.ts'
import { pathOf } from './library-store.ts'

export class Playback {
  readonly #id: string
  /** How many parts there are; a recording that grows gets more. */
  readonly parts = signal(1)
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

  constructor(id: string) {
    this.#id = id
    this.src = computed(() => {
      const path = `${pathOf(this.#id)}/${fileOfPart(this.part.value)}`
      return this.#version.value > 0 ? `${path}?v=${this.#version.value}` : path
    })
  }

  /** Takes the element that shows it; undefined when that goes. */
  attach(video: HTMLVideoElement | null): void {
    this.#video = video ?? undefined
  }

  /** Goes to a moment, and plays on if it played. */
  seek({ part, atMs }: Moment, plays = this.isPlaying.peek()): void {
    const wanted = Math.min(Math.max(1, part), this.parts.peek())
    this.atMs.value = atMs
    if (wanted === this.part.peek() && this.#video && this.#video.readyState > 0) {
      this.#video.currentTime = atMs / 1000
      if (plays) void this.#video.play().catch(() => {})
      return
    }
    this.#waiting = { atMs, plays }
    this.part.value = wanted
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
      this.#video.currentTime = atMs / 1000
      if (plays) void this.#video.play().catch(() => {})
    },
    timeupdate: () => {
      if (this.#video && !this.#waiting) this.atMs.value = this.#video.currentTime * 1000
    },
    play: () => {
      this.isPlaying.value = true
    },
    pause: () => {
      if (!this.#waiting) this.isPlaying.value = false
    },
    ended: () => {
      this.isPlaying.value = false
      if (this.part.peek() < this.parts.peek()) this.seek({ part: this.part.peek() + 1, atMs: 0 }, true)
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

/** stream.mp4, stream.2.mp4, … */
export function fileOfPart(part: number): string {
  return part === 1 ? 'stream.mp4' : `stream.${part}.mp4`
}
