/** A phone whose recording takes no time: its pictures are sent at once, with the capture times of a film. */

import { testPictures } from './ffmpeg.ts'
import { configurationApart, TestPhone } from './phone.ts'
import { until } from './until.ts'

/** From one picture to the next, in ms. */
export const FILM_INTERVAL_MS = 50
const KEYFRAME_EVERY = 20
const BOOT_MS = 5_000_000

export class FilmPhone {
  readonly phone: TestPhone
  #pictures: Uint8Array[]
  #index = 0
  /** The picture that the stream as it is now began with. */
  #from = 0

  private constructor(phone: TestPhone, pictures: Uint8Array[]) {
    this.phone = phone
    this.#pictures = pictures
  }

  /** @param path - Of the URL, with its key. */
  static async connect(port: number, pictures = 160, path?: string): Promise<FilmPhone> {
    const film = await testPictures(pictures, '320x180', KEYFRAME_EVERY)
    return new FilmPhone(await TestPhone.connect(port, path), film)
  }

  /** Does what a start command asks for: the parameter sets, and word of it; the server has read both. */
  async begin(): Promise<void> {
    const { phone } = this
    await phone.command('start_capture')
    this.#index = 0
    this.#from = 0
    phone.sequence = 0
    phone.packet(0, configurationApart(this.#pictures[0]!).configuration)
    phone.status('capture_started')
    // Those that begin together record at the same time.
    await phone.acknowledged()
  }

  /** Sends the pictures up to this one; those between `lost.from` and `lost.to` never arrive, the last excluded. */
  async film(to: number, lost = { from: 0, to: 0 }): Promise<void> {
    const { phone } = this
    for (; this.#index < to; this.#index += 1) {
      const isLost = this.#index >= lost.from && this.#index < lost.to
      if (isLost) phone.sequence += 1
      else
        phone.packet(
          BOOT_MS + this.#index * FILM_INTERVAL_MS,
          this.#pictures[(this.#index - this.#from) % this.#pictures.length]!,
        )
    }
    await phone.acknowledged()
  }

  /** Is turned: from the next picture on they stand upright. */
  async turn(): Promise<void> {
    this.#pictures = await testPictures(this.#pictures.length, '180x320', KEYFRAME_EVERY)
    this.#from = this.#index
  }

  /** Does what a stop command asks for. */
  async end(): Promise<void> {
    await until('the stop command', () => this.phone.received.some((text) => text.includes('stop_capture')))
    this.phone.status('capture_stopped')
    await this.phone.acknowledged()
  }
}
