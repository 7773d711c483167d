/**
 * The port that cameras and people share: requests go to Fastify, WebSocket upgrades are handed on.
 *
 * In `http` belongs what a browser or a script asks for, and who may. What cameras send belongs in `ingest`.
 */

import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify'
import { RequestError } from '../errors.ts'
import { hostAndPort } from '../ingest/camera-urls.ts'

/** What keeps a server from listening, by the system's code, and what to do. */
const LISTEN_ADVICE: Record<string, string> = {
  EADDRINUSE: 'the port is taken; is Rollcall running already? End it, or choose another --port',
  EADDRNOTAVAIL: 'this machine has no such address; choose another --host, or 0.0.0.0 for all of them',
  EACCES: 'the system keeps this port for itself; choose a --port from 1024 on',
}

const ABOUT = 'This is a Rollcall server. Point a camera app here: ws://<this address>/android-cam\n'

export interface HttpServerOptions {
  /** Takes over the socket of a request that asks for another protocol. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Further routes, each a Fastify plugin of its own. */
  routes?: readonly FastifyPluginCallback[]
}

export class HttpServer {
  readonly app: FastifyInstance

  constructor({ onUpgrade, routes = [] }: HttpServerOptions) {
    this.app = Fastify({ forceCloseConnections: true })
    this.app.get('/', (_request, reply) => reply.code(426).header('upgrade', 'websocket').send(ABOUT))
    for (const plugin of routes) this.app.register(plugin)
    this.app.server.on('upgrade', onUpgrade)
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
