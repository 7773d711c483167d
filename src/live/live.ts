/**
 * The live view: every camera's pictures to whoever watches, over `WS /live/:camera`.
 *
 * In `live` belongs what viewers are sent and when. Who may watch is for `http` to say, before and as long as a socket is open.
 * Nothing here waits, and nothing grows but within bounds: a viewer costs a recording nothing but the time of a write.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { RequestError } from '../errors.ts'
import { Allowance } from '../ingest/allowance.ts'
import { Heartbeat } from '../ingest/heartbeat.ts'
import type { Clock } from '../time.ts'
import { LIVE_CAMERA_GONE, LIVE_SIGNED_OUT } from '../wire/api/events.ts'
import { Hub } from './hub.ts'
import { GroupBudget } from './kept-group.ts'
import { paceIn } from './request.ts'
import { Viewer } from './viewer.ts'

/** What comes before the camera's id. */
const LIVE_PREFIX = '/live/'
/** A viewer's message is a line of JSON. */
const MAX_MESSAGE_BYTES = 1024
const MAX_FRAGMENTS = 4
/** Messages, pings and pongs of one viewer in a second. */
const MAX_MESSAGES_PER_SECOND = 20
/** How often it is looked whether viewers may still watch, in ms. */
const CHECK_MS = 2000
/** How long a viewer may take to answer a goodbye, in ms: of this server, and of any other reason. */
const GOODBYE_MS = 500
const CLOSE_MS = 5000
/** Close codes of RFC 6455, 7.4.1. */
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

export interface LiveOptions {
  clock: Clock
  maxViewers: number
  maxViewersPerCamera: number
  liveGopBytes: number
  liveGopTotalBytes: number
  liveQueuedBytes: number
  heartbeatMs: number
  /** Whether who asked may still watch. */
  mayGoOn: (request: IncomingMessage) => Promise<boolean>
  /** Told of each picture sent as it came: from its arrival to then, in ms. */
  onSent: (delayMs: number) => void
}

export class Live {
  readonly #options: LiveOptions
  readonly #hubs = new Map<string, Hub>()
  readonly #budget: GroupBudget
  readonly #sockets: WebSocketServer
  readonly #requests = new Map<WebSocket, { request: IncomingMessage; hub: Hub }>()
  readonly #timer: NodeJS.Timeout
  #skippedPictures = 0

  constructor(options: LiveOptions) {
    this.#options = options
    this.#budget = new GroupBudget(options.liveGopTotalBytes)
    // H.264 does not compress: permessage-deflate would only burn CPU.
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      closeTimeout: CLOSE_MS,
      perMessageDeflate: false,
    } as ServerOptions)
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
  }

  get viewers(): number {
    return this.#requests.size
  }

  /** Pictures that viewers were too slow for. */
  get skippedPictures(): number {
    return this.#skippedPictures
  }

  /**
   * A camera is there. Give the hub its packets.
   *
   * @param onWanting - Those who watch it need a keyframe; told with each picture until one comes.
   */
  open(camera: string, format: 'h264' | 'jpeg', onWanting: () => void = () => {}): Hub {
    const { clock, liveGopBytes: maxGroupBytes, onSent } = this.#options
    const hub = new Hub({ camera, format, clock, maxGroupBytes, budget: this.#budget, onWanting, onSent })
    this.#hubs.set(camera, hub)
    return hub
  }

  /** A camera has gone: so must those who watch it. */
  gone(hub: Hub): void {
    if (this.#hubs.get(hub.camera) === hub) this.#hubs.delete(hub.camera)
    hub.group.close()
    for (const [socket, watched] of this.#requests)
      if (watched.hub === hub) socket.close(LIVE_CAMERA_GONE, 'the camera has gone')
  }

  /**
   * Makes a viewer of a request that may watch and asks for a WebSocket.
   *
   * @throws {RequestError} `NOT_FOUND` for a camera that is not there, `TOO_MANY_VIEWERS`; the socket is as it was.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { maxViewers, maxViewersPerCamera } = this.#options
    const hub = this.#hubs.get(cameraIn(request.url ?? ''))
    if (!hub) throw new RequestError('NOT_FOUND', 'no such camera is connected')
    if (hub.viewers.size >= maxViewersPerCamera)
      throw new RequestError(
        'TOO_MANY_VIEWERS',
        `more than ${maxViewersPerCamera} live views of one camera (maxViewersPerCamera)`,
      )
    if (this.viewers >= maxViewers)
      throw new RequestError('TOO_MANY_VIEWERS', `more than ${maxViewers} live views in all (maxViewers)`)
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#add(webSocket, request, hub))
  }

  /** Says goodbye to every viewer, and ends those that do not answer in time. May be called twice. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#hubs.clear()
    const open = [...this.#requests.keys()]
    const gone = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of open) socket.close(GOING_AWAY, 'the server is closing')
    const timer = setTimeout(() => {
      for (const socket of open) socket.terminate()
    }, GOODBYE_MS)
    await gone
    clearTimeout(timer)
  }

  #add(socket: WebSocket, request: IncomingMessage, hub: Hub): void {
    const { clock, heartbeatMs, liveQueuedBytes } = this.#options
    const { socket: stream } = request
    this.#requests.set(socket, { request, hub })
    socket.on('error', () => {})
    const viewer = new Viewer({
      socket,
      group: hub.group,
      clock,
      hello: () => hub.hello(),
      maxQueuedBytes: liveQueuedBytes,
      onSkipped: () => {
        this.#skippedPictures += 1
      },
      onWanting: () => hub.wanting(),
    })
    hub.viewers.add(viewer)
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
    const allowance = new Allowance(MAX_MESSAGES_PER_SECOND, clock)
    const isTooMuch = () => {
      if (allowance.take()) return false
      socket.close(POLICY_VIOLATION, `more than ${MAX_MESSAGES_PER_SECOND} messages a second`)
      return true
    }
    socket.on('ping', isTooMuch)
    socket.on('pong', (data: Buffer) => isTooMuch() || viewer.answered(data.toString('latin1')))
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket.readyState !== socket.OPEN || isTooMuch()) return
      const pace = isBinary ? undefined : paceIn(data.toString('utf8'))
      if (pace) viewer.pace = pace
      else socket.close(POLICY_VIOLATION, 'a viewer may say {"type":"pace","pace":"all" or "keyframes"}')
    })
    socket.on('close', () => {
      heartbeat.stop()
      hub.viewers.delete(viewer)
      this.#requests.delete(socket)
    })
  }

  /** Tokens are made anew, and cookies end. */
  #check(): void {
    for (const [socket, { request }] of this.#requests)
      this.#options.mayGoOn(request).then((may) => {
        if (!may) socket.close(LIVE_SIGNED_OUT, 'sign in again')
      })
  }
}

/** The camera's id in a request's URL; empty when it cannot be read. */
function cameraIn(url: string): string {
  const [path = ''] = url.split('?', 1)
  try {
    return decodeURIComponent(path.slice(LIVE_PREFIX.length))
  } catch {
    return ''
  }
}
