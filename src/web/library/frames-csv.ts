/**
 * frames.csv, read in the browser as it comes (docs/storage.md says what its columns mean).
 *
 * A recording of ten hours has a million rows: bytes go straight into typed arrays, no row becomes an object.
 */

const COMMA = 44
const POINT = 46
const NEWLINE = 10
const ZERO = 48
/** Columns of the file: sequence, capture_ms, arrival_ms, media_ms, bytes, keyframe. */
const FIELDS = 6
const FIRST_ROWS = 4096

/** A row each, in the order of arrival. NaN stands for an empty field. */
export interface Frames {
  rows: number
  sequence: Float64Array
  captureMs: Float64Array
  arrivalMs: Float64Array
  /** Where the picture lies in its MP4; NaN: it is in none. */
  mediaMs: Float64Array
  bytes: Float64Array
  /** 1: a player can start here. */
  keyframe: Float64Array
}

/** Takes the file in pieces cut anywhere. Rows that are not well-formed, and a last line without its end, are left out. */
export class FramesParser {
  #columns = Array.from({ length: FIELDS }, () => new Float64Array(FIRST_ROWS))
  #rows = 0
  /** Of the row that is being read. */
  #field = 0
  #value = Number.NaN
  #decimals = 0
  #isBad = false

  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      const digit = byte - ZERO
      if (digit >= 0 && digit <= 9) this.#digit(digit)
      else if (byte === COMMA) this.#endField()
      else if (byte === NEWLINE) this.#endRow()
      else if (byte === POINT && this.#decimals === 0) this.#decimals = 1
      else this.#isBad = true
    }
  }

  /** What was read so far. The arrays are views: read them before the next `push`. */
  get frames(): Frames {
    const [sequence, captureMs, arrivalMs, mediaMs, bytes, keyframe] = this.#columns.map((column) =>
      column.subarray(0, this.#rows),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
    return { rows: this.#rows, sequence, captureMs, arrivalMs, mediaMs, bytes, keyframe }
  }

  #digit(digit: number): void {
    const before = Number.isNaN(this.#value) ? 0 : this.#value
    if (this.#decimals === 0) {
      this.#value = before * 10 + digit
      return
    }
    this.#decimals /= 10
    this.#value = before + digit * this.#decimals
  }

  #endField(): void {
    if (this.#field < FIELDS) this.#columns[this.#field]![this.#rows] = this.#value
    this.#field += 1
    this.#value = Number.NaN
    this.#decimals = 0
  }

  #endRow(): void {
    this.#endField()
    if (!this.#isBad && this.#field === FIELDS) this.#rows += 1
    this.#field = 0
    this.#isBad = false
    if (this.#rows === this.#columns[0]!.length) this.#grow()
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(column.length * 2)
      larger.set(column)
      return larger
    })
  }
}

/**
 * Reads the frames.csv of a recording.
 *
 * @param onProgress - Told of the share that has come, 0 to 1, where the length is known.
 * @throws {Error} when the server does not answer with the file.
 */
export async function fetchFrames(
  url: string,
  signal: AbortSignal,
  onProgress: (share: number) => void = () => {},
): Promise<Frames> {
  const response = await fetch(url, { signal })
  if (!response.ok || !response.body) throw new Error(`frames.csv: ${response.status}`)
  const length = Number(response.headers.get('content-length') ?? 0)
  const parser = new FramesParser()
  const reader = response.body.getReader()
  let read = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return parser.frames
    parser.push(value)
    read += value.length
    if (length > 0) onProgress(Math.min(1, read / length))
  }
}
