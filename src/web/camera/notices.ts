/** What the person and the operator should know of the phone. */

import type { Outbox } from './outbox.ts'
import type { Shooting } from './shooting.ts'
import { isNearlyFull } from './storage-room.ts'
import type { CameraState } from './worker-messages.ts'

type Notice = NonNullable<CameraState['notice']>

/** So long it is said that pictures were given up, in ms. */
const GIVEN_UP_MS = 5000

/** For the operator; the page has its own texts of the same names. */
const TEXTS: Record<Notice, (mbps: number) => string> = {
  'bitrate-lowered': (mbps) => `bitrate lowered to ${mbps} Mbit/s: the network or the phone cannot follow`,
  'storage-nearly-full': () => 'the storage of the phone is nearly full',
  'storage-full': () => 'the storage of the phone is full: its oldest pictures are given up',
  'encoder-failed': () => 'the encoder of the phone has failed',
  'no-frames': () => 'the camera of the phone gives no pictures: nothing is filmed',
}

export class Notices {
  readonly #outbox: Outbox
  readonly #shooting: Shooting
  #isNearlyFull = false
  #dropped = 0
  #droppedAtMs = Number.NEGATIVE_INFINITY

  constructor(outbox: Outbox, shooting: Shooting) {
    this.#outbox = outbox
    this.#shooting = shooting
  }

  /** The gravest. */
  get now(): Notice | null {
    const { film, running, isStill } = this.#shooting
    if (film.hasFailed) return 'encoder-failed'
    if (running && isStill) return 'no-frames'
    if (performance.now() - this.#droppedAtMs < GIVEN_UP_MS) return 'storage-full'
    if (this.#isNearlyFull || this.#outbox.isFull) return 'storage-nearly-full'
    return running && film.isLowered ? 'bitrate-lowered' : null
  }

  /** For a report; null when there is nothing to tell. */
  get text(): string | null {
    const { now } = this
    return now && TEXTS[now](Math.round(this.#shooting.film.bitrateMbps * 10) / 10)
  }

  /** Call it once a second. */
  look(): void {
    const { dropped } = this.#outbox
    if (dropped > this.#dropped) this.#droppedAtMs = performance.now()
    this.#dropped = dropped
    void isNearlyFull(this.#outbox.waiting().bytes).then((is) => {
      this.#isNearlyFull = is
    })
  }
}
