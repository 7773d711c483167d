/**
 * What was said last of each lasting camera (protocol 2): that it films for a take, or that it rests.
 *
 * The last word holds, whoever said it: the operator, or the person who holds the phone, there or away. Pure: times are given
 * with every call, in ms of the monotonic clock.
 */

/** Cameras that are remembered one by one: ids are made up by devices. */
const MAX_WORDS = 1000
const NEVER = Number.NEGATIVE_INFINITY

interface Word {
  /** undefined: it rests. */
  take: string | undefined
  atMs: number
  /** When the operator told it to rest; -Infinity: it stopped by itself. */
  toldMs: number
}

export class LastWords {
  /** By camera id: what was said of it since something was said of all. */
  readonly #words = new Map<string, Word>()
  #allMs = NEVER
  #allRestMs = NEVER

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
    this.#set(cameraId, { take, atMs, toldMs: NEVER })
  }

  /** The operator tells it to rest. */
  rests(cameraId: string, atMs: number): void {
    this.#set(cameraId, { take: undefined, atMs, toldMs: atMs })
  }

  /**
   * It has stopped, by its own word. What it says later that it films it began after that, whatever the times say: its word was
   * on the way for a while.
   */
  stopped(cameraId: string, atMs: number): void {
    const toldMs = this.#words.get(cameraId)?.toldMs ?? NEVER
    this.#set(cameraId, { take: undefined, atMs, toldMs })
  }

  /** Its holder stopped it while it was away: that holds unless something was said later. */
  stoppedAway(cameraId: string, atMs: number): void {
    if (atMs >= (this.#words.get(cameraId)?.atMs ?? this.#allMs)) this.stopped(cameraId, atMs)
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

  /** Whether it was told by name to rest, and not by its holder alone. */
  isToldToRest(cameraId: string): boolean {
    return this.isResting(cameraId) && this.#words.get(cameraId)!.toldMs > NEVER
  }

  /** When the operator last told it to rest, by name or with all; -Infinity: never. */
  restMs(cameraId: string): number {
    return Math.max(this.#words.get(cameraId)?.toldMs ?? NEVER, this.#allRestMs)
  }

  #set(cameraId: string, word: Word): void {
    // The newest stand last.
    this.#words.delete(cameraId)
    this.#words.set(cameraId, word)
    const [oldest] = this.#words.keys()
    if (this.#words.size > MAX_WORDS) this.#words.delete(oldest!)
  }
}
