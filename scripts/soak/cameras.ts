/** Simulated cameras that come, record, lose their connection and go, at random but repeatably. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { CaptureAccount } from '../../src/simulate/account.ts'
import { Phone } from '../../src/simulate/phone.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import { PictureSources } from '../../src/simulate/source.ts'
import { systemClock } from '../../src/time.ts'

/** Pictures that a phone throws away by itself, so that counting what is missing is tried too. */
const LOSS_SHARE = 0.01
export const FPS = 15
/** How long a camera stays, in ms. */
const SHORTEST_MS = 8_000
const LONGEST_MS = 60_000
/** From a cut to the end: it reconnects a second later. */
const AFTER_CUT_MS = 7_000
const CUT_SHARE = 0.3
const PAUSE_MS = 3_000

/** The room's cameras. */
export class Cameras {
  /** Every capture that was made, in order for each camera. */
  readonly captures: CaptureAccount[] = []
  connections = 0
  readonly #url: string
  readonly #seed: number
  readonly #sources: PictureSources

  private constructor(url: string, seed: number, sources: PictureSources) {
    this.#url = url
    this.#seed = seed
    this.#sources = sources
  }

  /** @param source - H.264 Annex B, which all of them send. */
  static async create(url: string, seed: number, source: string): Promise<Cameras> {
    const sources = await PictureSources.create({ file: source, ffmpeg: 'ffmpeg', onNotice: () => {} })
    return new Cameras(url, seed, sources)
  }

  /** One camera after the other in one seat, until the time is up. Every second seat waits for the operator's start. */
  async fill(seat: number, untilMs: number): Promise<void> {
    const random = seededRandom(this.#seed * 1000 + seat)
    while (performance.now() < untilMs - SHORTEST_MS) {
      const leftMs = untilMs - performance.now()
      const stayMs = Math.min(leftMs, SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS))
      const isCut = random() < CUT_SHARE && stayMs > SHORTEST_MS + AFTER_CUT_MS
      const seed = Math.floor(random() * 2 ** 32)
      await this.visit({
        name: `Camera ${seat + 1}`,
        autoStart: seat % 2 === 0,
        stayMs,
        cutAfterMs: isCut ? stayMs - AFTER_CUT_MS : undefined,
        seed,
      })
      await sleep(random() * PAUSE_MS)
    }
  }

  /** A camera connects, stays, and leaves as the app does. */
  async visit(options: {
    name: string
    autoStart: boolean
    stayMs: number
    cutAfterMs?: number | undefined
    seed: number
  }): Promise<void> {
    const phone = new Phone({
      name: options.name,
      url: this.#url,
      overrides: { fps: FPS },
      jitterMs: 50,
      lossShare: LOSS_SHARE,
      dropEveryMs: options.cutAfterMs,
      clockOffsetMs: 0,
      clockDriftPpm: 0,
      autoStart: options.autoStart,
      seed: options.seed,
      connectPatienceMs: 30_000,
      openSource: (request) => this.#sources.open(request),
      clock: systemClock,
    })
    await phone.connect()
    await sleep(options.stayMs)
    await phone.stop()
    this.connections += phone.account.connections
    this.captures.push(...phone.account.captures)
    if (phone.account.lost !== null) throw new Error(`${options.name} was lost: ${phone.account.lost}`)
  }
}
