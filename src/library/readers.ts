/** Who reads which recording: retention leaves those alone. */
export class Readers {
  readonly #counts = new Map<string, number>()

  /**
   * Says that a recording is being read.
   *
   * @returns Ends it; may be called twice.
   */
  begin(id: string): () => void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    let reading = true
    return () => {
      if (!reading) return
      reading = false
      const left = this.#counts.get(id)! - 1
      if (left > 0) this.#counts.set(id, left)
      else this.#counts.delete(id)
    }
  }

  isReading(id: string): boolean {
    return this.#counts.has(id)
  }
}
