/** One camera in the worker: its socket, its decoder, and where the pictures go. */

import type { LIVE_CAMERA_GONE, LIVE_SIGNED_OUT, LiveHello, LiveRequest } from '../../wire/api/events.ts'
import { Losses } from './losses.ts'
import { LATE_MS } from './pace.ts'
import { type LivePacket, readLivePacket } from './packet.ts'
import { JPEG, JpegDecoder, type PictureDecoder, videoDecoder } from './picture-decoder.ts'
import { type Sink, sinkOf } from './sink.ts'
import { StreamFigures, WINDOW_MS } from './stream-figures.ts'
import type { StreamState, StreamStatus, Target } from './worker-messages.ts'

const SIGNED_OUT: typeof LIVE_SIGNED_OUT = 4401
const CAMERA_GONE: typeof LIVE_CAMERA_GONE = 4404
/** Waits before the next attempt to connect, in ms. */
const AGAIN_MS = [300, 600, 1200, 2500]
/** With more pictures than this in the decoder only the newest are worth drawing. */
const MAX_BEHIND = 3
/** But one in this time is drawn, in ms. */
const LEAST_DRAWN_MS = 100

/** What waits for the decoder longer than this is given up: a hiccup below it is decoded through, in ms. */
const GIVE_UP_MS = 400
/** A picture that is younger when it comes in was not kept by the server for newcomers, in ms. */
const FRESH_MS = 500

interface Times {
  arrivalMs: number
  receivedMs: number
}

export class CameraStream {
  readonly #camera: string
  readonly #url: string
  readonly #sink: Sink
  readonly #onState: () => void
  readonly #losses = new Losses()
  readonly #figures = new StreamFigures()
  /** Of the pictures in the decoder, by their timestamp. */
  readonly #waiting = new Map<number, Times>()
  #socket: WebSocket | undefined
  #decoder: PictureDecoder | undefined
  #codec: string | undefined
  #state: StreamState = 'connecting'
  #needsKeyframe = true
  #size: { width: number; height: number } | undefined
  #pace: LiveRequest['pace'] = 'all'
  #isSlow = false
  #attempts = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #pictures = 0
  #drawnAtMs = 0
  #fedAtMs = Number.NEGATIVE_INFINITY
  /** When it was last so late that it had to begin anew at a keyframe, and how late. */
  #late = { atMs: Number.NEGATIVE_INFINITY, lateMs: 0 }
  /** The group of pictures that the server kept is through: what is late from now on is late because of this machine. */
  #isCaughtUp = false
  #isClosed = false

  /** @param onState - Told when the state changes. */
  constructor(camera: string, url: string, target: Target, onState: () => void) {
    this.#camera = camera
    this.#url = url
    this.#sink = sinkOf(target)
    this.#onState = onState
    this.#connect()
  }

  /** @param isSlow - Keyframes alone, because the machine cannot follow. `isHidden`: the same, because nobody looks. */
  setPace(isSlow: boolean, isHidden: boolean): void {
    this.#isSlow = isSlow
    const pace = isSlow || isHidden ? 'keyframes' : 'all'
    if (pace === this.#pace) return
    this.#pace = pace
    this.#ask()
  }

  /** From a picture's coming to its leaving the decoder, the worst of the last second, ms. */
  get lateMs(): number {
    const { atMs, lateMs } = this.#late
    const isRecent = performance.now() - atMs <= WINDOW_MS
    return Math.max(this.#readFigures().lateMs, isRecent ? lateMs : 0)
  }

  /** Pictures come in. */
  get isFed(): boolean {
    return performance.now() - this.#fedAtMs <= WINDOW_MS
  }

  status(): StreamStatus {
    const { fps, delayMs } = this.#readFigures()
    return {
      camera: this.#camera,
      state: this.#state,
      fps,
      delayMs: delayMs ?? null,
      width: this.#size?.width ?? null,
      height: this.#size?.height ?? null,
      missing: this.#losses.count,
      isSlow: this.#isSlow,
    }
  }

  /** Connects anew: the way was cut, and the socket may be dead without knowing. */
  reconnect(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    this.#socket.close()
    this.#forget()
    this.#connect()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#endDecoder()
    this.#sink.close()
  }

  #readFigures() {
    const [oldest] = this.#waiting.values()
    return this.#figures.read(performance.now(), oldest?.receivedMs)
  }

  #connect(): void {
    const socket = new WebSocket(this.#url)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.addEventListener('open', () => {
      this.#setState('waiting')
      if (this.#pace !== 'all') this.#ask()
    })
    socket.addEventListener('message', ({ data }) => {
      if (this.#isClosed || socket !== this.#socket) return
      if (typeof data === 'string') this.#hello(JSON.parse(data) as LiveHello)
      else this.#message(data as ArrayBuffer)
    })
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) this.#left(code)
    })
  }

  #forget(): void {
    this.#endDecoder()
    this.#losses.reset()
    this.#isCaughtUp = false
  }

  #left(code: number): void {
    this.#forget()
    if (this.#isClosed) return
    this.#setState(code === SIGNED_OUT ? 'signed-out' : code === CAMERA_GONE ? 'gone' : 'connecting')
    const waitMs = AGAIN_MS[Math.min(this.#attempts, AGAIN_MS.length - 1)]!
    this.#attempts += 1
    this.#timer = setTimeout(() => this.#connect(), waitMs)
  }

  #hello({ codec, serverTimeMs }: LiveHello): void {
    this.#figures.clock(serverTimeMs, Date.now())
    if (codec === null || codec === this.#codec) return
    this.#codec = codec
    this.#endDecoder()
    // Of this one there may be a decoder.
    if (this.#state === 'undecodable') this.#setState('waiting')
  }

  #message(message: ArrayBuffer): void {
    const packet = readLivePacket(message)
    if (!packet || this.#state === 'undecodable') return
    this.#attempts = 0
    this.#fedAtMs = performance.now()
    this.#losses.next(packet.sequence, packet.isAfterSkip)
    if (packet.isKeyframe) this.#needsKeyframe = false
    // A decoder takes no difference without its beginning.
    if (this.#needsKeyframe || this.#codec === undefined) return
    this.#decode(packet)
  }

  #decode({ isKeyframe, picture, arrivalMs }: LivePacket): void {
    if (!isKeyframe && this.#isLate()) return
    this.#decoder ??= this.#makeDecoder()
    // Microseconds; only their order counts.
    this.#pictures += 1
    const timestamp = this.#pictures * 1000
    // No picture is here before it was there: this betters a clock that a late hello told.
    this.#figures.clock(arrivalMs, Date.now())
    this.#isCaughtUp ||= this.#figures.ageMs(arrivalMs, Date.now()) < FRESH_MS
    if (this.#isCaughtUp) this.#waiting.set(timestamp, { arrivalMs, receivedMs: performance.now() })
    try {
      this.#decoder.decode({ type: isKeyframe ? 'key' : 'delta', timestamp, data: picture })
    } catch {
      this.#endDecoder()
    }
  }

  /** What waits for the decoder is too old to be of use: it is given up, and the next keyframe begins anew. */
  #isLate(): boolean {
    const [oldest] = this.#waiting.values()
    const nowMs = performance.now()
    const lateMs = nowMs - (oldest?.receivedMs ?? nowMs)
    if (lateMs <= GIVE_UP_MS) return false
    this.#late = { atMs: nowMs, lateMs }
    this.#endDecoder()
    return true
  }

  #makeDecoder(): PictureDecoder {
    const output = (frame: VideoFrame) => (this.#decoder === decoder ? this.#decoded(frame) : frame.close())
    const error = ({ name }: DOMException) => {
      if (this.#decoder !== decoder) return
      this.#endDecoder()
      // Garbage ends a decoder as well, and the next keyframe begins anew: only this name says that there is none.
      if (name === 'NotSupportedError') this.#setState('undecodable')
    }
    const decoder = this.#codec === JPEG ? new JpegDecoder(output) : videoDecoder(this.#codec!, output, error)
    return decoder
  }

  #decoded(frame: VideoFrame): void {
    const nowMs = performance.now()
    const times = this.#waiting.get(frame.timestamp)
    // What lies before it will not come out any more.
    for (const timestamp of this.#waiting.keys()) {
      if (timestamp > frame.timestamp) break
      this.#waiting.delete(timestamp)
    }
    this.#size = { width: frame.displayWidth, height: frame.displayHeight }
    this.#setState('playing')
    const isLate = nowMs - (times?.receivedMs ?? nowMs) > LATE_MS && this.#waiting.size > 0
    const isBehind = isLate || (this.#decoder?.decodeQueueSize ?? 0) > MAX_BEHIND
    if (isBehind && nowMs - this.#drawnAtMs < LEAST_DRAWN_MS) {
      frame.close()
      return
    }
    this.#drawnAtMs = nowMs
    this.#sink.show(frame)
    if (times) this.#figures.drawn({ ...times, nowMs: performance.now(), wallMs: Date.now() })
  }

  #endDecoder(): void {
    const decoder = this.#decoder
    this.#decoder = undefined
    this.#needsKeyframe = true
    this.#waiting.clear()
    if (decoder && decoder.state !== 'closed') decoder.close()
  }

  #setState(state: StreamState): void {
    if (state === this.#state) return
    this.#state = state
    this.#onState()
  }

  #ask(): void {
    const request: LiveRequest = { type: 'pace', pace: this.#pace }
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request))
  }
}
