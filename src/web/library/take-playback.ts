/** Plays the recordings of a take in step, on one clock. */

import { signal } from '@preact/signals'

/** A film that is further off than this is put right, in ms. Below it a jump would be seen more than the difference. */
const MAX_DRIFT_MS = 120

interface Film {
  video: HTMLVideoElement
  /** How long after the take it begins, in ms. */
  offsetMs: number
}

export class TakePlayback {
  readonly positionMs = signal(0)
  readonly isPlaying = signal(false)
  readonly lengthMs = signal(0)
  readonly #films = new Map<string, Film>()
  #frame = 0
  /** Where the position was, and when. */
  #anchor = { positionMs: 0, atMs: 0 }

  /** Takes a film; undefined when its element goes. */
  attach(id: string, video: HTMLVideoElement | null, offsetMs: number): void {
    if (!video) return void this.#films.delete(id)
    this.#films.set(id, { video, offsetMs })
    video.addEventListener('loadedmetadata', () => this.#align(true), { once: true })
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
    for (const { video } of this.#films.values()) video.pause()
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
    for (const { video, offsetMs } of this.#films.values()) {
      if (video.readyState === 0) continue
      const wantedMs = this.positionMs.peek() - offsetMs
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
