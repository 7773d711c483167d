/**
 * What was said last of each lasting camera (protocol 2): that it films for a take, or that it rests.
 *
 * The last word holds, whoever said it: the operator, or the person who holds the phone, there or away. Pure: times are given
 * with every call, in ms of the monotonic clock.
 */

/** Cameras that are remembered one by one: ids are made up by devices. */
const MAX_WORDS = 1000

interface Word {
  /** undefined: it rests. */
  take: string | undefined
  atMs: number
}

export class LastWords {
  /** By camera id: what was said of it since something was said of all. */
  readonly #words = new Map<string, Word>()
  #allMs = Number.NEGATIVE_INFINITY
  #allRestMs = Number.NEGATIVE_INFINITY

  /** All are to film; those that are known are named by `films` besides. */
  allFilm(atMs: number): void {
    this.#words.clear()
    this.#allMs = atMs
  }

  allRest(atMs: number): void {
    this.allFilm(atMs)
    this.#allRestMs = atMs
  }

  films(cameraId: string, take: string, atMs: number): void {
    this.#set(cameraId, { take, atMs })
  }

  rests(cameraId: string, atMs: number): void {
    this.#set(cameraId, { take: undefined, atMs })
  }

  /** Its holder stopped it while it was away: that holds unless something was said later. */
  stoppedAway(cameraId: string, atMs: number): void {
    if (atMs >= (this.#words.get(cameraId)?.atMs ?? this.#allMs)) this.rests(cameraId, atMs)
  }

  /** Whether the word on it is this take. */
  isFor(cameraId: string, take: string | undefined): boolean {
    return take !== undefined && this.#words.get(cameraId)?.take === take
  }

  /** Whether it was told by name to rest, or by its holder. */
  isResting(cameraId: string): boolean {
    const word = this.#words.get(cameraId)
    return word !== undefined && word.take === undefined
  }

  /** When it was last told to rest, by itself or with all; -Infinity: never. */
  restMs(cameraId: string): number {
    const word = this.#words.get(cameraId)
    return word && word.take === undefined ? Math.max(word.atMs, this.#allRestMs) : this.#allRestMs
  }

  #set(cameraId: string, word: Word): void {
    // The newest stand last.
    this.#words.delete(cameraId)
    this.#words.set(cameraId, word)
    const [oldest] = this.#words.keys()
    if (this.#words.size > MAX_WORDS) this.#words.delete(oldest!)
  }
}
