/** Takes WebSocket connections on any path and makes each a camera. */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../time.ts'
import { Camera } from './camera.ts'

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

export class CameraServer {
  readonly #sockets: WebSocketServer

  constructor(options: CameraServerOptions) {
    // H.264 does not compress: permessage-deflate would only burn CPU.
    this.#sockets = new WebSocketServer({
      noServer: true,
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
  }

  /** Makes a camera of a request that asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#sockets.emit('connection', webSocket, request),
    )
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
  }
}
