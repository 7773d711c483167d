/**
 * One simulated phone: its connection, and the commands that it obeys, as the Android app does.
 *
 * Unlike the app it comes back by itself after a cut, where cuts are asked for.
 */

import type { WebSocket } from 'ws'
import type { Clock } from '../time.ts'
import { type CaptureEnd, newCaptureAccount, type PhoneAccount, totalsOf } from './account.ts'
import { type CaptureRequest, capabilitiesText, OWN_REQUEST, parseCommand } from './app.ts'
import { NATIVE_FPS, throttleOf } from './camera-times.ts'
import { Capture } from './capture.ts'
import { type Connected, closeSocket, connectSocket } from './connect.ts'
import type { Device } from './device.ts'
import { seededRandom } from './random.ts'
import type { PictureRequest, PictureSource } from './source.ts'
import type { Totals } from './table.ts'

/** OkHttp's `MAX_QUEUE_SIZE`: a message that does not fit closes the socket. */
export const SEND_QUEUE_BYTES = 16 * 1024 * 1024
/** What OkHttp closes with when its queue is full. */
const CLOSE_GOING_AWAY = 1001
/** From a cut to the next connection. */
const RECONNECT_MS = 1000
const HOUR_MS = 3_600_000
/** A phone was started this long ago at most. */
const MAX_UPTIME_HOURS = 72

/** How a phone behaves. Left out of the overrides: what `start_capture` asks for. */
export interface PhoneOptions {
  /** Letters, digits and spaces: burnt into the test picture. */
  name: string
  /** `ws:` or `wss:`. */
  url: string
  overrides: {
    fps?: number | undefined
    bitrateMbps?: number | undefined
    size?: PictureRequest['size'] | undefined
  }
  /** Most that a packet is held back before it is sent, in ms. */
  jitterMs: number
  /** Probability that a picture is dropped before sending, 0 to 1. Its sequence number is used up. */
  lossShare: number
  /** The connection is cut this often, and made again a second later. */
  dropEveryMs?: number | undefined
  /** Added to the phone's clock, which counts from a start up to three days ago. */
  clockOffsetMs: number
  /** How much faster than true the phone's clock runs, in millionths. */
  clockDriftPpm: number
  /** Begins to capture without a command. */
  autoStart: boolean
  seed: number
  /** How long a connection is tried for. */
  connectPatienceMs: number
  openSource: (request: PictureRequest) => Promise<PictureSource>
  clock: Clock
  /** Told, once a connection, that the server does not answer yet, and why. */
  onWaiting?: (reason: string) => void
}

/** A phone. It is silent until `connect`. */
export class Phone implements Device {
  /** What it sent so far. */
  readonly account: PhoneAccount
  /** Resolves when its last connection is over. */
  readonly gone: Promise<void>
  readonly #options: PhoneOptions
  readonly #random: () => number
  readonly #bornMs: number
  readonly #uptimeMs: number
  readonly #aborted = new AbortController()
  #finish: () => void = () => {}
  #connected: Connected | undefined
  #capture: Capture | undefined
  #wanted: CaptureRequest | undefined
  #reconciling = false
  #dropTimer: NodeJS.Timeout | undefined
  #reconnectTimer: NodeJS.Timeout | undefined
  #cutBy: CaptureEnd = 'connection-lost'

  constructor(options: PhoneOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#bornMs = Math.floor(options.clock.monotonicMs())
    this.#uptimeMs =
      Math.floor((1 + this.#random() * (MAX_UPTIME_HOURS - 1)) * HOUR_MS) + options.clockOffsetMs
    this.account = { name: options.name, connections: 0, lost: null, captures: [] }
    this.gone = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get isConnected(): boolean {
    return this.#connected !== undefined
  }

  /** Whether it captures now. */
  get capturing(): boolean {
    return this.#capture !== undefined
  }

  /** Bytes that wait for the network. */
  get queuedBytes(): number {
    return this.#connected?.socket.bufferedAmount ?? 0
  }

  get totals(): Totals {
    return totalsOf([this.account])
  }

  get maxLateMs(): number {
    return this.account.captures.at(-1)?.maxLateMs ?? 0
  }

  /**
   * Connects, tries again for `connectPatienceMs`, and says hello. Returns quietly if the phone is stopped meanwhile.
   *
   * @throws {RequestError} `SERVER_UNREACHABLE` naming `--url` when no server answers, or it refuses.
   */
  async connect(): Promise<void> {
    const { url, connectPatienceMs, onWaiting, dropEveryMs } = this.#options
    const connected = await connectSocket({
      url,
      patienceMs: connectPatienceMs,
      signal: this.#aborted.signal,
      onWaiting,
      onMessage: (text) => this.#obey(text),
    })
    if (!connected) return
    if (this.#aborted.signal.aborted) {
      connected.socket.terminate()
      return
    }
    this.#connected = connected
    this.#cutBy = 'connection-lost'
    this.account.connections += 1
    const { socket } = connected
    socket.on('close', (code, reason) => this.#closed(code, String(reason)))
    socket.send(JSON.stringify({ status: 'ready', message: 'Client is ready to stream' }))
    socket.send(capabilitiesText())
    if (dropEveryMs !== undefined) this.#dropTimer = setTimeout(() => this.#drop(), dropEveryMs)
    if (this.#options.autoStart) this.#wanted = OWN_REQUEST
    this.#reconcile()
  }

  /** Stops capturing, sends what is left, and ends the connection. May be called twice. */
  async stop(): Promise<void> {
    this.#aborted.abort()
    clearTimeout(this.#dropTimer)
    clearTimeout(this.#reconnectTimer)
    this.#wanted = undefined
    this.#capture?.stop()
    await this.#capture?.done
    if (this.#connected) await closeSocket(this.#connected.socket)
    this.#finish()
  }

  #obey(text: string): void {
    const command = parseCommand(text)
    if (!command || this.#aborted.signal.aborted) return
    if (command.kind === 'stop') this.#wanted = undefined
    else if (!this.#wanted) this.#wanted = command.request
    this.#reconcile()
  }

  /** Makes what is done what is wanted. A start while a capture is still ending follows it. */
  #reconcile(): void {
    if (this.#reconciling || !this.#connected) return
    if (!this.#capture && this.#wanted) this.#begin(this.#wanted)
    else if (this.#capture && !this.#wanted) {
      this.#reconciling = true
      this.#capture.stop()
    }
  }

  #begin(request: CaptureRequest): void {
    const { clock, overrides, openSource, jitterMs, lossShare, name } = this.#options
    const { socket, localId } = this.#connected!
    const fps = overrides.fps ?? request.fps
    const bitrateMbps = overrides.bitrateMbps ?? request.bitrateMbps
    // A rate above the camera's own is only there for tests: the camera then has it.
    const throttle = throttleOf(fps, Math.max(NATIVE_FPS, Math.round(overrides.fps ?? 0)))
    const account = newCaptureAccount({ camera: localId, fps, bitrateMbps })
    this.account.captures.push(account)
    const capture = new Capture({
      request: { cameraName: name, size: overrides.size ?? request.size, bitrateMbps, throttle },
      openSource,
      sendPacket: (message) => this.#send(socket, message),
      sendStatus: (status, message) => socket.send(JSON.stringify({ status, message }), () => {}),
      phoneMs: (monotonicMs) => this.#phoneMs(monotonicMs),
      jitterMs,
      lossShare,
      random: this.#random,
      clock,
      account,
    })
    this.#capture = capture
    capture.done.then(() => {
      this.#capture = undefined
      this.#reconciling = false
      // It ended by itself: a new start begins the next one.
      if (this.#wanted === request) this.#wanted = undefined
      this.#reconcile()
    })
  }

  #send(socket: WebSocket, message: Uint8Array): boolean {
    if (socket.bufferedAmount + message.length <= SEND_QUEUE_BYTES) {
      // Errors are told by 'close'.
      socket.send(message, () => {})
      return true
    }
    this.account.lost = `its send queue of ${SEND_QUEUE_BYTES} bytes was full, and it hung up`
    this.#aborted.abort()
    socket.close(CLOSE_GOING_AWAY)
    return false
  }

  #phoneMs(monotonicMs: number): number {
    const faster = 1 + this.#options.clockDriftPpm / 1e6
    return Math.floor(this.#uptimeMs + (monotonicMs - this.#bornMs) * faster)
  }

  #drop(): void {
    this.#cutBy = 'cut'
    this.#connected?.socket.terminate()
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#dropTimer)
    this.#connected = undefined
    this.#wanted = undefined
    this.#capture?.cut(this.#cutBy)
    const lost = `the connection was closed with code ${code}${reason && `: ${reason}`}`
    if (this.#aborted.signal.aborted) this.#finish()
    else if (this.#options.dropEveryMs === undefined) this.#lose(lost)
    else
      this.#reconnectTimer = setTimeout(() => {
        this.connect().catch((error: Error) => this.#lose(`${lost}; ${error.message}`))
      }, RECONNECT_MS)
  }

  #lose(why: string): void {
    this.account.lost = why
    this.#finish()
  }
}
