/** The newest picture of each camera, for who comes to look when nothing new comes. Bounded in all, however many there are. */

export class NewestPictures {
  readonly #maxBytes: number
  /** By camera; the one that changed longest ago is first. */
  readonly #pictures = new Map<string, Uint8Array>()
  #bytes = 0

  /** @param maxBytes - Of all together; beyond it the picture that came longest ago is forgotten. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  of(camera: string): Uint8Array | undefined {
    return this.#pictures.get(camera)
  }

  /** Takes the place of the one before. */
  keep(camera: string, picture: Uint8Array): void {
    this.drop(camera)
    this.#pictures.set(camera, picture)
    this.#bytes += picture.length
    while (this.#bytes > this.#maxBytes) this.drop(this.#pictures.keys().next().value!)
  }

  drop(camera: string): void {
    this.#bytes -= this.of(camera)?.length ?? 0
    this.#pictures.delete(camera)
  }
}
