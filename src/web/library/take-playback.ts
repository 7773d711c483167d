/** Plays the recordings of a take in step, on one clock. */

import { signal } from '@preact/signals'

/** A film that is further off than this is put right, in ms. Below it a jump would be seen more than the difference. */
const MAX_DRIFT_MS = 120

export interface Film {
  video: HTMLVideoElement
  /** How long after the take each of its parts begins, in ms. */
  beginsMs: readonly number[]
  /** Part 1 is stream.mp4. */
  srcOf: (part: number) => string
}

export class TakePlayback {
  readonly positionMs = signal(0)
  readonly isPlaying = signal(false)
  readonly lengthMs = signal(0)
  /** The part that each shows; 0 before the first is asked for. */
  readonly #films = new Map<Film, number>()
  #frame = 0
  /** Where the position was, and when. */
  #anchor = { positionMs: 0, atMs: 0 }

  /** Takes a film. @returns Lets it go again. */
  attach(film: Film): () => void {
    const loaded = () => this.#align(true)
    this.#films.set(film, 0)
    film.video.addEventListener('loadedmetadata', loaded)
    loaded()
    return () => {
      film.video.removeEventListener('loadedmetadata', loaded)
      this.#films.delete(film)
    }
  }

  play(): void {
    if (this.positionMs.peek() >= this.lengthMs.peek()) this.positionMs.value = 0
    this.isPlaying.value = true
    this.#anchorNow()
    this.#align(true)
    this.#frame = requestAnimationFrame(this.#tick)
  }

  pause(): void {
    this.isPlaying.value = false
    cancelAnimationFrame(this.#frame)
    for (const { video } of this.#films.keys()) video.pause()
  }

  seek(positionMs: number): void {
    this.positionMs.value = Math.min(Math.max(0, positionMs), this.lengthMs.peek())
    this.#anchorNow()
    this.#align(true)
  }

  /** Stops for good. */
  close(): void {
    this.pause()
    this.#films.clear()
  }

  readonly #tick = () => {
    const { positionMs, atMs } = this.#anchor
    const now = positionMs + performance.now() - atMs
    if (now >= this.lengthMs.peek()) {
      this.positionMs.value = this.lengthMs.peek()
      return this.pause()
    }
    this.positionMs.value = now
    this.#align(false)
    this.#frame = requestAnimationFrame(this.#tick)
  }

  #anchorNow(): void {
    this.#anchor = { positionMs: this.positionMs.peek(), atMs: performance.now() }
  }

  /** Brings every film to where it belongs. @param isJump - Even those that are nearly there. */
  #align(isJump: boolean): void {
    for (const [film, shown] of this.#films) {
      const { video, beginsMs, srcOf } = film
      const positionMs = this.positionMs.peek()
      const part = Math.max(1, beginsMs.findLastIndex((atMs) => atMs <= positionMs) + 1)
      if (part !== shown) {
        this.#films.set(film, part)
        // Once it is loaded it is put where it belongs.
        video.src = srcOf(part)
        continue
      }
      if (video.readyState === 0) continue
      const wantedMs = positionMs - (beginsMs[part - 1] ?? 0)
      const lastMs = Number.isFinite(video.duration) ? video.duration * 1000 : Number.POSITIVE_INFINITY
      const isInside = wantedMs >= 0 && wantedMs < lastMs
      const target = Math.min(Math.max(0, wantedMs), lastMs)
      const drift = Math.abs(video.currentTime * 1000 - target)
      if (!video.seeking && drift > (isJump || !isInside ? 1 : MAX_DRIFT_MS))
        video.currentTime = target / 1000
      const plays = isInside && this.isPlaying.peek()
      if (plays && video.paused) void video.play().catch(() => {})
      else if (!plays && !video.paused) video.pause()
    }
  }
}
