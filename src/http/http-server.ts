/**
 * The port that cameras and people share: requests go to Fastify, WebSocket upgrades are handed on.
 *
 * In `http` belongs what a browser or a script asks for, and who may. What cameras send belongs in `ingest`.
 */

import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { RequestError } from '../errors.ts'
import { hostAndPort } from '../ingest/camera-urls.ts'
import type { ConnectionBounds, Refusal } from './connection-bounds.ts'

/** What keeps a server from listening, by the system's code, and what to do. */
const LISTEN_ADVICE: Record<string, string> = {
  EADDRINUSE: 'the port is taken; is Rollcall running already? End it, or choose another --port',
  EADDRNOTAVAIL: 'this machine has no such address; choose another --host, or 0.0.0.0 for all of them',
  EACCES: 'the system keeps this port for itself; choose a --port from 1024 on',
}

const ABOUT = 'This is a Rollcall server. Point a camera app here: ws://<this address>/android-cam\n'

/** Late requests are looked for so many times within their time-out. */
const CHECKS_PER_TIMEOUT = 4

export interface HttpServerOptions {
  bounds: ConnectionBounds
  /** The head of a request must have come within this, in ms. */
  headersTimeoutMs: number
  /** A whole request must have come within this, in ms. */
  requestTimeoutMs: number
  /** Takes over the socket of a request that asks for another protocol. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export class HttpServer {
  readonly app: FastifyInstance

  constructor({ bounds, headersTimeoutMs, requestTimeoutMs, onUpgrade }: HttpServerOptions) {
    const requestTimeout = Math.max(headersTimeoutMs, requestTimeoutMs)
    const connectionsCheckingInterval = Math.ceil(headersTimeoutMs / CHECKS_PER_TIMEOUT)
    this.app = Fastify({
      forceCloseConnections: true,
      requestTimeout,
      http: { headersTimeout: headersTimeoutMs, requestTimeout, connectionsCheckingInterval },
    })
    bounds.attach(this.app.server)
    this.app.addHook('onRequest', (request, reply, done) => {
      const refusal = bounds.refusalOf(request.socket)
      if (!refusal) return done()
      reply.code(refusal.statusCode).header('connection', 'close').send(`${refusal.message}\n`)
    })
    this.app.get('/', (_request, reply) => reply.code(426).header('upgrade', 'websocket').send(ABOUT))
    this.app.server.on('upgrade', (request, socket, head) => {
      const refusal = bounds.refusalOf(request.socket)
      if (refusal) refuseUpgrade(socket, refusal)
      else onUpgrade(request, socket, head)
    })
  }

  /**
   * Begins to listen.
   *
   * @throws {RequestError} `LISTEN_FAILED` when the port is taken, the machine has no such address, and the like.
   */
  async listen(host: string, port: number): Promise<AddressInfo> {
    try {
      await this.app.listen({ host, port })
    } catch (error) {
      const cause = error as NodeJS.ErrnoException
      const why = LISTEN_ADVICE[cause.code ?? ''] ?? `${cause.message}; look at --host and --port`
      throw new RequestError('LISTEN_FAILED', `cannot listen at ${hostAndPort(host, port)}: ${why}`, {
        cause,
      })
    }
    return this.app.server.address() as AddressInfo
  }

  /** Takes no new connection and ends those that are there. May be called twice. */
  async close(): Promise<void> {
    await this.app.close()
  }
}

/** Answers a request for a WebSocket with an error; the answer is the end of its connection. */
function refuseUpgrade(socket: Duplex, { statusCode, message }: Refusal): void {
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${message.length + 1}`,
  ]
  socket.on('error', () => {})
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}\n`)
}
