/**
 * An ESP32 camera board: whole JPEG images in, plain words both ways. It outlives its connections: it comes back by itself.
 *
 * It has no clock and no sequence numbers: a picture's time is its arrival, and the server counts. docs/esp32.md has the rules.
 */

import { ProtocolError } from '../errors.ts'
import { readJpeg } from '../jpeg/read-jpeg.ts'
import type { Clock } from '../time.ts'
import {
  BOARD_STOP_TEXT,
  type BoardLine,
  type BoardSettings,
  boardAsked,
  boardStartText,
  readBoardWords,
} from '../wire/board.ts'
import type { AnyCamera } from './camera.ts'
import type { Connection } from './connection.ts'
import { ReturningDevice } from './returning-device.ts'

/** Lines of its log that are kept. */
const MAX_LINES = 200
/** Characters of a line that are kept. */
const MAX_LINE_CHARS = 1000
/** A board that was told to stop, or says that it does not capture, and sends no picture for this long, in ms, has stopped. */
const SILENCE_MS = 2000
/** What was under way when a board stopped comes within this, in ms: it begins nothing anew. */
const STRAGGLER_MS = 1500
const NEVER = Number.NEGATIVE_INFINITY
/** What boards call themselves: nothing. */
const MODEL = 'ESP32'
/** Remarks on its connection among its lines. */
const [CONNECTED, DISCONNECTED] = ['(connected)', '(disconnected)']

export class Board extends ReturningDevice<Connection> implements AnyCamera {
  readonly id: string
  readonly format = 'jpeg'
  readonly model = MODEL
  /** People know boards by what the firmware, or we, call them. */
  readonly ownName: string
  readonly isLasting = false
  readonly hasOwnId: boolean
  /** Whether it would be known again now: only then is it worth while to wait for it. */
  readonly mayReturn: () => boolean
  /** As it was last told. */
  readonly settings: BoardSettings
  /** The newest lines, the oldest first. */
  readonly lines: BoardLine[]
  /** Since its recording began. */
  pictures = 0
  bytes = 0
  readonly #clock: Clock
  #sequence = 0
  #isCapturing = false
  #size: { width: number; height: number } | undefined
  /** The last start or stop that it has not answered. */
  #asked: 'start' | 'stop' | undefined
  #silence: NodeJS.Timeout | undefined
  #stoppedMs = NEVER
  /** When it said that it does not capture, or that something failed. */
  #deniedMs = NEVER

  /**
   * @param options.settings - What an earlier board of this id was told; kept up to date.
   * @param options.lines - Those of an earlier board of this id; kept up to date.
   */
  constructor(options: {
    id: string
    hasOwnId: boolean
    settings: BoardSettings
    lines: BoardLine[]
    mayReturn: () => boolean
    connection: Connection
  }) {
    super(options.connection)
    this.id = options.id
    this.ownName = options.id
    this.hasOwnId = options.hasOwnId
    this.mayReturn = options.mayReturn
    this.settings = options.settings
    this.lines = options.lines
    this.#clock = options.connection.clock
    this.#take(options.connection)
    this.#line('from', CONNECTED)
  }

  /** By its own words, or because pictures come. */
  get isCapturing(): boolean {
    return this.#isCapturing
  }

  /** Of the newest picture, in pixels. */
  get size(): { width: number; height: number } | undefined {
    return this.#size
  }

  /**
   * It has connected anew; a connection that is still there is closed with 4409.
   *
   * @returns Not when nobody had waited for it: then it is over, and the connection is for another.
   */
  connected(connection: Connection): boolean {
    if (!this.isAway) {
      this.replace('another board has this name now')
      this.#line('from', DISCONNECTED)
      this.emit('away')
    }
    if (this.hasLeft) return false
    this.#take(connection)
    this.#line('from', CONNECTED)
    this.emit('back')
    return true
  }

  /** Ends its connection when it gives no sign of life within so many ms: it may have come back by another. */
  async endIfDead(withinMs: number): Promise<void> {
    const connection = this.connection
    if (!connection || (await connection.isAlive(withinMs)) || this.connection !== connection) return
    connection.cut('CAMERA_SILENT', `no sign of life for ${withinMs / 1000} s`)
    // That it ended is told later.
    connection.hearer.closed()
  }

  /** A recording begins: the next picture is its first. */
  countAnew(): void {
    this.#sequence = 0
    this.pictures = 0
    this.bytes = 0
  }

  /** With its last resolution and quality. */
  start(): Promise<void> {
    return this.send(boardStartText(this.settings))
  }

  stop(): Promise<void> {
    return this.send(BOARD_STOP_TEXT)
  }

  /** Sends what somebody typed, as it is. Rejects as `send` does. */
  tell(text: string): Promise<void> {
    if (!this.isAway) this.emit('told', text)
    return this.send(text)
  }

  /** Sends a text as it is. Rejects while it is away, and when the connection cannot take it. */
  override async send(text: string): Promise<void> {
    if (this.isAway) return super.send(text)
    const asked = boardAsked(text)
    if (asked) this.#asked = asked.kind
    if (asked?.kind === 'start') {
      // From here on every picture may be of what it is told now: rather one too many than none.
      this.#stoppedMs = NEVER
      if (asked.resolution !== undefined) this.settings.resolution = asked.resolution
      if (asked.quality !== undefined) this.settings.quality = asked.quality
    }
    this.#line('to', text)
    this.#awaitSilence()
    await super.send(text)
  }

  #take(connection: Connection): void {
    this.take(connection)
    const isOurs = () => this.connection === connection
    connection.hearer = {
      binary: (message) => isOurs() && this.#picture(message),
      text: (text) => isOurs() && connection.mayText() && this.#text(text),
      fault: (error) => isOurs() && this.emit('fault', error),
      surplus: () => isOurs() && this.emit('surplus'),
      closed: () => {
        if (!isOurs()) return
        this.lose()
        this.#line('from', DISCONNECTED)
        this.emit('away')
      },
    }
  }

  /** What it does from now on is not known: it captures nothing before it is told to. */
  protected override lose(): void {
    super.lose()
    this.#isCapturing = false
    this.#asked = undefined
    this.#stoppedMs = NEVER
    this.#deniedMs = NEVER
    this.#endSilence()
  }

  #picture(message: Buffer): void {
    try {
      this.#size = readJpeg(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.emit('malformed', error)
      return
    }
    const nowMs = this.#clock.monotonicMs()
    const packet = { captureMs: Math.round(nowMs), sequence: this.#sequence, payload: message }
    if (!this.#isCapturing && nowMs - this.#stoppedMs < STRAGGLER_MS) {
      this.emit('preview', packet, nowMs)
      return
    }
    if (!this.#isCapturing) this.#started()
    else if (nowMs - this.#deniedMs > STRAGGLER_MS) this.#deniedMs = NEVER
    this.pictures += 1
    this.bytes += message.length
    this.#awaitSilence()
    packet.sequence = this.#sequence
    this.#sequence = (this.#sequence + 1) >>> 0
    this.emit('packet', packet, nowMs)
  }

  #text(text: string): void {
    this.#line('from', text)
    const { kind, about = this.#asked } = readBoardWords(text)
    if (kind === 'error' || kind === 'idle') {
      this.#deniedMs = this.#clock.monotonicMs()
      // What it says again does not put it off.
      if (!this.#silence) this.#awaitSilence()
    }
    if (kind === 'error') {
      // One that refuses to stop has stopped all the same once nothing comes.
      if (this.#asked === 'start') this.#asked = undefined
      this.emit('status', { status: 'error', message: text })
      return
    }
    this.emit('text', text)
    if (kind === 'ack' && about === 'start' && this.#asked !== 'stop') this.#started()
    else if (kind === 'ack' && about === 'stop' && this.#asked !== 'start') this.#stopped()
  }

  /** By its word or its first picture. */
  #started(): void {
    const wasAsked = this.#asked === 'start'
    if (wasAsked) this.#asked = undefined
    if (this.#isCapturing && !wasAsked) return
    this.#isCapturing = true
    this.#deniedMs = NEVER
    this.#awaitSilence()
    this.emit('status', { status: 'capture_started' })
  }

  #stopped(): void {
    this.#endSilence()
    const wasAsked = this.#asked === 'stop'
    if (wasAsked) this.#asked = undefined
    if (!this.#isCapturing && !wasAsked) return
    this.#isCapturing = false
    this.#stoppedMs = this.#clock.monotonicMs()
    this.emit('status', { status: 'capture_stopped' })
  }

  /** Its pictures tell, whatever it says: one that was told to stop, or denied that it captures, and no longer sends has stopped. */
  #awaitSilence(): void {
    this.#endSilence()
    if (this.#asked === 'stop') this.#silence = setTimeout(() => this.#stopped(), SILENCE_MS)
    else if (this.#isCapturing && this.#deniedMs !== NEVER)
      this.#silence = setTimeout(() => this.#idle(), SILENCE_MS)
  }

  #endSilence(): void {
    clearTimeout(this.#silence)
    this.#silence = undefined
  }

  /** By itself: a camera that failed. */
  #idle(): void {
    this.#endSilence()
    this.#isCapturing = false
    this.emit('idle')
  }

  #line(direction: BoardLine['direction'], text: string): void {
    const line = { atMs: this.#clock.wallMs(), direction, text: text.slice(0, MAX_LINE_CHARS) }
    this.lines.push(line)
    if (this.lines.length > MAX_LINES) this.lines.shift()
    this.emit('line', line)
  }
}
