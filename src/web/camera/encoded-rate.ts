/** What really goes out: size, pictures and bits of the last seconds. Pure. */

import type { CameraState } from './worker-messages.ts'

const WINDOW_US = 3_000_000

export class EncodedRate {
  #pictures: { captureUs: number; bytes: number }[] = []
  #size = { width: 0, height: 0 }

  add(captureUs: number, bytes: number, size: { width: number; height: number }): void {
    this.#pictures.push({ captureUs, bytes })
    this.#size = size
    while (captureUs - this.#pictures[0]!.captureUs > WINDOW_US) this.#pictures.shift()
  }

  /** Null until there were two pictures, and when the last one is long past. @param nowUs - By the clock of `captureUs`. */
  at(nowUs: number): CameraState['encoded'] {
    const [first, last] = [this.#pictures[0], this.#pictures.at(-1)]
    if (!first || !last || first === last || nowUs - last.captureUs > WINDOW_US) return null
    const seconds = (last.captureUs - first.captureUs) / 1e6
    // The last one's time is still to come.
    const bytes = this.#pictures.reduce((sum, picture) => sum + picture.bytes, 0) - last.bytes
    return {
      ...this.#size,
      fps: Math.round(((this.#pictures.length - 1) / seconds) * 10) / 10,
      mbps: Math.round(((bytes * 8) / seconds / 1e6) * 100) / 100,
    }
  }

  clear(): void {
    this.#pictures = []
  }
}
