/** Takes WebSocket connections on any path and makes each a camera. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { RequestError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { Camera } from './camera.ts'
import { hostAndPort } from './camera-urls.ts'

export interface CameraServerOptions {
  /** A larger message ends its connection with close code 1009. */
  maxPacketBytes: number
  /** Longer text is cut and counts as unknown. */
  maxTextBytes: number
  clock: Clock
  onCamera: (camera: Camera) => void
}

/** Close code of an endpoint that goes away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001
/** How long a phone may take to answer a goodbye, in ms. */
const GOODBYE_MS = 500

/** What keeps a server from listening, by the system's code, and what to do. */
const LISTEN_ADVICE: Record<string, string> = {
  EADDRINUSE: 'the port is taken; is Rollcall running already? End it, or choose another --port',
  EADDRNOTAVAIL: 'this machine has no such address; choose another --host, or 0.0.0.0 for all of them',
  EACCES: 'the system keeps this port for itself; choose a --port from 1024 on',
}

const ABOUT = 'This is a Rollcall server. Point a camera app here: ws://<this address>/android-cam\n'

export class CameraServer {
  readonly #http: Server
  readonly #sockets: WebSocketServer

  constructor(options: CameraServerOptions) {
    this.#http = createServer((_request, response) => {
      response
        .writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' })
        .end(ABOUT)
    })
    // H.264 does not compress: permessage-deflate would only burn CPU.
    this.#sockets = new WebSocketServer({
      server: this.#http,
      maxPayload: options.maxPacketBytes,
      perMessageDeflate: false,
    })
    this.#sockets.on('connection', (socket, request) => {
      const { remoteAddress, remotePort } = request.socket
      const path = (request.url ?? '/').split('?', 1)[0]!
      // The socket may have ended between the handshake and now.
      if (remoteAddress === undefined || remotePort === undefined) return socket.terminate()
      const { clock, maxTextBytes } = options
      options.onCamera(
        new Camera(socket, { address: remoteAddress, port: remotePort, path, clock, maxTextBytes }),
      )
    })
    // ws passes on the HTTP server's errors; `listen` answers for those of starting.
    this.#sockets.on('error', () => {})
  }

  /**
   * Begins to listen.
   *
   * @throws {RequestError} `LISTEN_FAILED` when the port is taken, the machine has no such address, and the like.
   */
  listen(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      const fail = (cause: NodeJS.ErrnoException) => {
        const why = LISTEN_ADVICE[cause.code ?? ''] ?? `${cause.message}; look at --host and --port`
        const message = `cannot listen at ${hostAndPort(host, port)}: ${why}`
        reject(new RequestError('LISTEN_FAILED', message, { cause }))
      }
      this.#http.once('error', fail)
      this.#http.listen(port, host, () => {
        this.#http.off('error', fail)
        resolve(this.#http.address() as AddressInfo)
      })
    })
  }

  /** Takes no new connection, says goodbye to those that are there, and ends what does not answer in time. */
  async close(): Promise<void> {
    this.#sockets.close()
    const open = [...this.#sockets.clients].filter((socket) => socket.readyState !== socket.CLOSED)
    const gone = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of open) socket.close(GOING_AWAY, 'the server is closing')
    const timer = setTimeout(() => {
      for (const socket of open) socket.terminate()
    }, GOODBYE_MS)
    await gone
    clearTimeout(timer)
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve())
      this.#http.closeAllConnections()
    })
  }
}
