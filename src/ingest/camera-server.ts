/** Takes WebSocket connections on any path and makes each a camera. */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import type { Clock } from '../time.ts'
import { SUBPROTOCOL_2 } from '../wire/protocol2-frames.ts'
import { type AnyCamera, Camera, type CameraOptions } from './camera.ts'
import { pathOf } from './camera-urls.ts'
import { LastingCamera } from './lasting-camera.ts'

/** What holds for every camera. */
type CameraBounds = Pick<
  CameraOptions,
  'maxTextBytes' | 'maxTextsPerSecond' | 'maxPingsPerSecond' | 'heartbeatMs' | 'helloMs'
>

export interface CameraServerOptions extends CameraBounds {
  /** A larger message ends its connection with close code 1009. */
  maxPacketBytes: number
  /** Of messages that are not whole, of all connections together; or four times `maxPacketBytes`, if that is more. */
  maxHalfSentBytes: number
  /** A message in more fragments ends its connection with close code 1008. */
  maxFragments: number
  clock: Clock
  onCamera: (camera: AnyCamera) => void
}

/** Close code of an endpoint that goes away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001
/** How long a phone may take to answer a goodbye, in ms. */
const GOODBYE_MS = 500
/** How long a peer whose connection is closed for a breach may take to answer, in ms. */
const CLOSE_MS = 5000
/** A message may come in TCP segments as small as this, in bytes: smaller ones would cost more than they bring. */
const SMALL_SEGMENT_BYTES = 512

/** Messages that are not whole may take at least so many times the largest. */
const MIN_HALF_LARGEST = 4
/** How often that is looked at, in ms. */
const LOOK_MS = 250

export class CameraServer {
  readonly #sockets: WebSocketServer
  /** Every connection. */
  readonly #cameras = new Set<Camera>()
  /** By id: those that speak version 2, connected or away. */
  readonly #lasting = new Map<string, LastingCamera>()
  readonly #options: CameraServerOptions
  readonly #timer: NodeJS.Timeout

  constructor(options: CameraServerOptions) {
    this.#options = options
    // H.264 does not compress: permessage-deflate would only burn CPU.
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxPacketBytes,
      maxFragments: options.maxFragments,
      maxBufferedChunks: Math.ceil(options.maxPacketBytes / SMALL_SEGMENT_BYTES),
      closeTimeout: CLOSE_MS,
      perMessageDeflate: false,
      handleProtocols: (offered) => offered.has(SUBPROTOCOL_2) && SUBPROTOCOL_2,
    } as ServerOptions)
    this.#sockets.on('connection', (socket, request) => {
      const { socket: stream } = request
      const { remoteAddress, remotePort } = stream
      const path = pathOf(request.url)
      // The socket may have ended between the handshake and now.
      if (remoteAddress === undefined || remotePort === undefined) return socket.terminate()
      const bytesRead = () => stream.bytesRead
      const camera = new Camera(socket, {
        ...options,
        address: remoteAddress,
        port: remotePort,
        path,
        protocol: socket.protocol === SUBPROTOCOL_2 ? 2 : 1,
        bytesRead,
      })
      this.#cameras.add(camera)
      camera.once('closed', () => this.#cameras.delete(camera))
      if (socket.protocol === SUBPROTOCOL_2) this.#listenForHello(camera)
      else options.onCamera(camera)
    })
    const most = Math.max(options.maxHalfSentBytes, MIN_HALF_LARGEST * options.maxPacketBytes)
    this.#timer = setInterval(() => endLongest(this.#cameras, most), LOOK_MS).unref()
  }

  /** Makes a camera of a request that asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#sockets.emit('connection', webSocket, request),
    )
  }

  /** What comes before `hello` is dropped; a connection that never says it is one that keeps quiet. */
  #listenForHello(connection: Camera): void {
    // Nobody else hears of it yet.
    connection.on('fault', () => {})
    connection.on('message2', (hello) => {
      if (hello.type !== 'hello') return
      connection.removeAllListeners('message2')
      const known = this.#lasting.get(hello.id)
      if (known) return known.connected(hello, connection)
      const { clock, onCamera } = this.#options
      const camera = new LastingCamera({ hello, connection, clock })
      this.#lasting.set(hello.id, camera)
      camera.once('closed', () => this.#lasting.delete(hello.id))
      onCamera(camera)
    })
  }

  /** Takes no new connection, says goodbye to those that are there, and ends what does not answer in time. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#sockets.close()
    const open = [...this.#sockets.clients].filter((socket) => socket.readyState !== socket.CLOSED)
    const gone = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of open) socket.close(GOING_AWAY, 'the server is closing')
    const timer = setTimeout(() => {
      for (const socket of open) socket.terminate()
    }, GOODBYE_MS)
    await gone
    clearTimeout(timer)
  }
}

/** Ends connections, those of the longest half messages first, until those of all take no more than so many bytes. */
export function endLongest(cameras: Iterable<Pick<Camera, 'halfBytes' | 'cut'>>, mostBytes: number): void {
  const halves = Array.from(cameras, (camera) => ({ camera, bytes: camera.halfBytes }))
  let sum = halves.reduce((total, { bytes }) => total + bytes, 0)
  if (sum <= mostBytes) return
  for (const { camera, bytes } of halves.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= mostBytes) return
    camera.cut('TOO_MUCH_HALF_SENT', `messages that are not whole take more than ${mostBytes} bytes together`)
    sum -= bytes
  }
}
