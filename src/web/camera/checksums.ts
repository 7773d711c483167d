/** Test mode: the SHA-256 of each payload of the latest capture, by sequence number. */

export class Checksums {
  #capture = ''
  #sums: Promise<string>[] = []

  add(capture: string, sequence: number, payload: Uint8Array): void {
    if (capture !== this.#capture) [this.#capture, this.#sums] = [capture, []]
    this.#sums[sequence] = sumOf(payload)
  }

  /** Hex. */
  async all(): Promise<{ capture: string; sums: string[] }> {
    const capture = this.#capture
    return { capture, sums: await Promise.all(this.#sums) }
  }
}

async function sumOf(payload: Uint8Array): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', payload as BufferSource))
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
