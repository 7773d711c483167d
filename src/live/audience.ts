/**
 * WebSockets of people who watch: how they are opened, kept alive, kept from flooding us, and closed.
 *
 * What they are sent is for those who open them.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { Allowance } from '../ingest/allowance.ts'
import { sayGoodbye } from '../ingest/goodbye.ts'
import { Heartbeat } from '../ingest/heartbeat.ts'
import type { Clock } from '../time.ts'
import { LIVE_SIGNED_OUT } from '../wire/api/events.ts'

const MAX_FRAGMENTS = 4
/** How often it is looked whether they still may watch, in ms. */
const CHECK_MS = 2000
/** How long one may take to answer that its connection is closed, in ms. */
const CLOSE_MS = 5000
/** Close code of RFC 6455, 7.4.1. */
export const POLICY_VIOLATION = 1008

export interface AudienceOptions {
  clock: Clock
  heartbeatMs: number
  /** Whether who asked may still watch. */
  mayGoOn: (request: IncomingMessage) => Promise<boolean>
  maxMessageBytes: number
  /** Messages, pings and pongs of one of them. */
  maxMessagesPerSecond: number
}

/** One of them, as whoever opened it hears it. */
export interface Listener {
  /** undefined: a message that is no text. */
  says(text: string | undefined): void
  answersPing?(data: string): void
  closed(): void
}

export class Audience {
  readonly #options: AudienceOptions
  readonly #sockets: WebSocketServer
  readonly #requests = new Map<WebSocket, IncomingMessage>()
  readonly #timer: NodeJS.Timeout

  constructor(options: AudienceOptions) {
    this.#options = options
    // Neither H.264 nor JPEG compresses: permessage-deflate would only burn CPU.
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      closeTimeout: CLOSE_MS,
      perMessageDeflate: false,
    } as ServerOptions)
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
  }

  get size(): number {
    return this.#requests.size
  }

  /** Opens the WebSocket that a request of somebody who may watch asks for. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    onOpen: (socket: WebSocket) => Listener,
  ): void {
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      this.#requests.set(opened, request)
      this.#listen(opened, request, onOpen(opened))
    })
  }

  /** Says goodbye to all, and ends those that do not answer in time. May be called twice. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await sayGoodbye([...this.#requests.keys()])
  }

  #listen(socket: WebSocket, { socket: stream }: IncomingMessage, listener: Listener): void {
    const { clock, heartbeatMs, maxMessagesPerSecond } = this.#options
    const heartbeat = new Heartbeat({
      intervalMs: heartbeatMs,
      ping: () => socket.readyState === socket.OPEN && socket.bufferedAmount === 0 && socket.ping(),
      // One that takes what waits for it is alive, though a ping would take long to come through.
      bytesRead: () => {
        const waiting = socket.bufferedAmount
        return stream.bytesRead + (waiting > 0 ? stream.bytesWritten - waiting : 0)
      },
      isPaused: () => false,
      onDead: () => socket.terminate(),
    })
    const allowance = new Allowance(maxMessagesPerSecond, clock)
    const isTooMuch = () => {
      if (allowance.take()) return false
      socket.close(POLICY_VIOLATION, `more than ${maxMessagesPerSecond} messages a second`)
      return true
    }
    socket.on('error', () => {})
    socket.on('ping', isTooMuch)
    socket.on('pong', (data: Buffer) => isTooMuch() || listener.answersPing?.(data.toString('latin1')))
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket.readyState !== socket.OPEN || isTooMuch()) return
      listener.says(isBinary ? undefined : data.toString('utf8'))
    })
    socket.on('close', () => {
      heartbeat.stop()
      this.#requests.delete(socket)
      listener.closed()
    })
  }

  /** Tokens are made anew, and cookies end. */
  #check(): void {
    for (const [socket, request] of this.#requests)
      this.#options.mayGoOn(request).then((may) => {
        if (!may) socket.close(LIVE_SIGNED_OUT, 'sign in again')
      })
  }
}
