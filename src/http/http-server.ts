/**
 * The port that cameras and people share: requests go to Fastify, WebSocket upgrades are handed on. Both pass the guard first.
 *
 * In `http` belongs what a browser or a script asks for, and who may. What cameras send belongs in `ingest`.
 */

import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import fastifySwagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyPluginCallback, type FastifyReply } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { RequestError, StorageError } from '../errors.ts'
import { hostAndPort } from '../ingest/camera-urls.ts'
import type { ApiDocument } from './api-document.ts'
import type { ConnectionBounds, Refusal } from './connection-bounds.ts'
import { docsRoutes } from './docs-routes.ts'
import { type Guard, refuseUpgrade, SECURITY_HEADERS, STATUS_OF } from './guard.ts'

/** What keeps a server from listening, by the system's code, and what to do. */
const LISTEN_ADVICE: Record<string, (flag: PortFlag) => string> = {
  EADDRINUSE: (flag) => `the port is taken; is Rollcall running already? End it, or choose another ${flag}`,
  EADDRNOTAVAIL: () => 'this machine has no such address; choose another --host, or 0.0.0.0 for all of them',
  EACCES: (flag) => `the system keeps this port for itself; choose a ${flag} from 1024 on`,
}

/** The option that names a port. */
type PortFlag = '--port' | '--https-port'

/** What Fastify itself refuses, by status. Its own messages may quote the URL. */
const REFUSED: Record<number, string> = {
  404: 'there is nothing here',
  413: 'the body is too large',
  415: 'the body must be JSON, with Content-Type: application/json',
}

/** What a file system answers when it cannot do what is asked of it. */
const DISK_CODES = new Set([
  ...['EACCES', 'EDQUOT', 'EEXIST', 'EIO', 'EISDIR', 'ELOOP', 'EMFILE', 'ENAMETOOLONG', 'ENOSPC'],
  ...['ENOTDIR', 'ENOTEMPTY', 'EPERM', 'EROFS', 'EXDEV'],
])

/** Of the HTTP API. */
const API_VERSION = '1'

/** Names of files have at most so many, each character of three bytes written as nine. */
const MAX_PARAM_CHARS = 255 * 3

/** Late requests are looked for so many times within their time-out. */
const CHECKS_PER_TIMEOUT = 4

export interface HttpServerOptions {
  guard: Guard
  bounds: ConnectionBounds
  /** The head of a request must have come within this, in ms. */
  headersTimeoutMs: number
  /** A whole request must have come within this, in ms. */
  requestTimeoutMs: number
  /** Takes over the socket of a request that asks for another protocol, or throws a `RequestError`. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Told of an error that no route foresaw. */
  onError: (error: unknown) => void
  /** Further routes, each a Fastify plugin of its own. */
  routes?: readonly FastifyPluginCallback[]
}

export class HttpServer {
  readonly app: FastifyInstance
  /** Every route, `GET /login`; HEAD goes with GET. */
  readonly routes: string[] = []
  readonly #options: HttpServerOptions
  #https: HttpsServer | undefined
  /** Connections of https: Node does not know those that are still shaking hands. */
  readonly #secureSockets = new Set<Socket>()

  constructor(options: HttpServerOptions) {
    this.#options = options
    const { guard, bounds, onError, routes = [] } = options
    const { requestTimeout, ...timeouts } = this.#timeouts()
    this.app = Fastify({
      forceCloseConnections: true,
      requestTimeout,
      // Names of folders.
      routerOptions: { maxParamLength: MAX_PARAM_CHARS },
      http: { requestTimeout, ...timeouts },
      frameworkErrors: (_error, _request, reply: FastifyReply) => {
        reply.headers(SECURITY_HEADERS).code(400).send(refusal('REQUEST_INVALID', 'the URL cannot be read'))
      },
    })
    this.app.setValidatorCompiler(validatorCompiler)
    this.app.setSerializerCompiler(serializerCompiler)
    const parseJson = this.app.getDefaultJsonParser('error', 'error')
    // Some clients name a type and send nothing.
    this.app.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string' },
      (request, body, parsed) => (body === '' ? parsed(null, undefined) : parseJson(request, body, parsed)),
    )
    this.app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') this.routes.push(`${one} ${url}`)
    })
    this.app.addHook('onRequest', (request, reply, done) => {
      const refusal = bounds.refusalOf(request.socket)
      if (!refusal) return done()
      reply.code(refusal.statusCode).header('connection', 'close').send(`${refusal.message}\n`)
    })
    this.app.addHook('onRequest', (request, reply) => guard.request(request, reply))
    this.app.setNotFoundHandler(() => {
      throw new RequestError('NOT_FOUND', REFUSED[404]!)
    })
    this.app.setErrorHandler((error, _request, reply) => {
      if (error instanceof RequestError)
        return reply.code(STATUS_OF[error.code] ?? 400).send(refusal(error.code, error.message))
      if (isOfDisk(error)) {
        onError(error)
        return reply.code(507).send(refusal('STORAGE_FAILED', `the disk refuses: ${error.message}`))
      }
      if (hasZodFastifySchemaValidationErrors(error))
        return reply.code(400).send(refusal('REQUEST_INVALID', fieldsText(error.validation)))
      const { statusCode = 500 } = error as { statusCode?: number }
      if (statusCode >= 400 && statusCode < 500) {
        const message = REFUSED[statusCode] ?? 'the request cannot be read'
        return reply.code(statusCode).send(refusal('REQUEST_INVALID', message))
      }
      onError(error)
      return reply.code(500).send(refusal('INTERNAL_ERROR', 'this is a fault of Rollcall; its log says more'))
    })
    this.app.register(fastifySwagger, {
      openapi: { openapi: '3.0.3', info: { title: 'Rollcall', version: API_VERSION } },
      transform: jsonSchemaTransform,
    })
    for (const plugin of [docsRoutes, ...routes]) this.app.register(plugin)
    this.#takeUpgrades(this.app.server)
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
      throw listenFailed(host, port, '--port', error)
    }
    return this.app.server.address() as AddressInfo
  }

  /**
   * Serves the same over TLS on a port of its own. `listen` first.
   *
   * @throws {RequestError} `LISTEN_FAILED`
   */
  async listenSecurely(host: string, port: number, context: SecureContextOptions): Promise<AddressInfo> {
    const { app } = this
    const { keepAliveTimeout } = app.server
    const options = { ...context, minVersion: 'TLSv1.2' as const, keepAliveTimeout, ...this.#timeouts() }
    const server = createServer(options, app.routing)
    this.#takeUpgrades(server)
    server.on('connection', (socket: Socket) => {
      this.#secureSockets.add(socket)
      socket.once('close', () => this.#secureSockets.delete(socket))
    })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => {
          server.off('error', reject)
          resolve()
        })
      })
    } catch (error) {
      throw listenFailed(host, port, '--https-port', error)
    }
    this.#https = server
    return server.address() as AddressInfo
  }

  /** All routes as OpenAPI has them. */
  async document(): Promise<ApiDocument> {
    await this.app.ready()
    return this.app.swagger() as ApiDocument
  }

  /** Connections from now on get this certificate. */
  setSecureContext(context: SecureContextOptions): void {
    this.#https?.setSecureContext({ ...context, minVersion: 'TLSv1.2' })
  }

  /** Takes no new connection and ends those that are there. May be called twice. */
  async close(): Promise<void> {
    const https = this.#https
    this.#https = undefined
    const closed = https && new Promise((resolve) => https.close(resolve))
    for (const socket of this.#secureSockets) socket.destroy()
    await Promise.all([closed, this.app.close()])
  }

  /** Of both ports. */
  #timeouts(): { headersTimeout: number; requestTimeout: number; connectionsCheckingInterval: number } {
    const { headersTimeoutMs, requestTimeoutMs } = this.#options
    return {
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(headersTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / CHECKS_PER_TIMEOUT),
    }
  }

  #takeUpgrades(server: Server | HttpsServer): void {
    const { guard, bounds, onUpgrade, onError } = this.#options
    bounds.attach(server)
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = bounds.refusalOf(request.socket)
      if (refusal) return turnAway(socket, refusal)
      const handOn = () => {
        try {
          onUpgrade(request, socket, head)
        } catch (error) {
          if (!(error instanceof RequestError)) throw error
          socket.on('error', () => {})
          refuseUpgrade(socket, error)
        }
      }
      guard.upgrade(request, socket).then((passes) => passes && handOn(), onError)
    })
  }
}

/** The system refused something with a file. */
function isOfDisk(error: unknown): error is Error {
  if (error instanceof StorageError) return true
  const { syscall, code } = error as NodeJS.ErrnoException
  return typeof syscall === 'string' && typeof code === 'string' && DISK_CODES.has(code)
}

function refusal(code: string, message: string): { code: string; message: string } {
  return { code, message }
}

/** Every field that is not allowed, and what is: `fps: Too big: expected number to be <=240`. */
function fieldsText(faults: readonly { instancePath: string; message?: string | undefined }[]): string {
  return faults
    .map(({ instancePath, message = 'is not allowed' }) => {
      const field = instancePath.split('/').slice(1).join('.')
      return field === '' ? message : `${field}: ${message}`
    })
    .join('; ')
}

function listenFailed(host: string, port: number, flag: PortFlag, error: unknown): RequestError {
  const cause = error as NodeJS.ErrnoException
  const why = LISTEN_ADVICE[cause.code ?? '']?.(flag) ?? `${cause.message}; look at --host and ${flag}`
  return new RequestError('LISTEN_FAILED', `cannot listen at ${hostAndPort(host, port)}: ${why}`, { cause })
}

/** Answers a request for a WebSocket with an error; the answer is the end of its connection. */
function turnAway(socket: Duplex, { statusCode, message }: Refusal): void {
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${message.length + 1}`,
  ]
  socket.on('error', () => {})
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}\n`)
}
