/** Who may: stands before every route and before every socket. What is not opened here is closed. */

import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, RequestError } from '../errors.ts'
import { pathOf } from '../ingest/camera-urls.ts'
import { type CameraAccessMode, keyIn, mayConnect } from './camera-access.ts'
import { type AllowedHosts, isOwnOrigin, mayOpenSocket } from './hosts.ts'
import type { Proxies } from './peer.ts'
import type { Secrets } from './secrets.ts'
import { bearerIn, cookieIn, type Role, type SignIn } from './sign-in.ts'

/** The routes that need no token, all of them. */
const OPEN_ROUTES: ReadonlySet<string> = new Set([
  'GET /api/health',
  'GET /api/secure',
  // Scripts and styles: they hold no secret, and the camera page needs them.
  'GET /assets/*',
  'GET /camera',
  'GET /camera/*',
  'POST /api/login',
  'GET /login',
  'GET /login.css',
  'GET /login.js',
  'GET /login.svg',
  'GET /ca.crt',
  'GET /ca.mobileconfig',
  'GET /trust',
  'GET /trust.css',
  'GET /trust.js',
  'GET /warning-en.svg',
  'GET /warning-zh.svg',
])
/** Reading that is not for the role `watch`. */
const FULL_ROUTES: ReadonlySet<string> = new Set(['GET /api/tokens'])
/** What the role `watch` may do beside reading. */
const WATCH_ROUTES: ReadonlySet<string> = new Set(['POST /api/logout'])
const READING = new Set(['GET', 'HEAD'])
/** Sockets below this path are people's who watch. */
const VIEWER_PATHS = '/live/'
/** Here people steer boards. All other sockets are cameras' and devices'. */
const CONSOLE_PATH = '/dev'

/** Every answer carries these: nothing of others runs in our pages, and no other page shows ours or reads from them. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const

/** The status that each refusal answers with; any other `RequestError` is 400. */
export const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  ORIGIN_NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  NO_CAMERA: 409,
  RECORDING_OPEN: 409,
  RECORDING_EXISTS: 409,
  PRECONDITION_FAILED: 412,
  RANGE_NOT_SATISFIABLE: 416,
  TOO_MANY_VIEWERS: 503,
  HOST_NOT_ALLOWED: 421,
  TOO_MANY_FAILURES: 429,
  INTERNAL_ERROR: 500,
  DATA_FOLDER_UNUSABLE: 503,
  TOO_MANY_CONNECTIONS: 503,
  DISK_SPACE_LOW: 507,
  STORAGE_FAILED: 507,
}

export interface GuardOptions {
  secrets: Secrets
  signIn: SignIn
  proxies: Proxies
  hosts: AllowedHosts
  cameraAccess: CameraAccessMode
  /** Told of each socket that was turned away, for the log: holds no key. */
  onRefusedCamera: (refusal: { address: string; path: string; error: RequestError }) => void
}

export class Guard {
  readonly #options: GuardOptions
  readonly #roles = new WeakMap<FastifyRequest, Role>()

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /**
   * Lets a request through, or sends whoever is signed out and opens the first page to the login page.
   *
   * @throws {RequestError} whose code is in `STATUS_OF`.
   */
  async request(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    reply.headers(SECURITY_HEADERS)
    const { method, headers } = request
    this.#checkHost(headers.host)
    const reads = READING.has(method)
    if (!reads && !isOwnOrigin(headers.origin, headers.host)) throw foreignOrigin(headers.origin)
    const route = `${method === 'HEAD' ? 'GET' : method} ${request.routeOptions.url}`
    if (OPEN_ROUTES.has(route)) return undefined
    const role = await this.#roleOf(request.raw, reply)
    if (role === undefined) {
      if (route === 'GET /') return reply.redirect('/login')
      reply.header('www-authenticate', 'Bearer')
      throw new RequestError(
        'UNAUTHORIZED',
        'sign in at /login, or send Authorization: Bearer with the token that `rollcall token` prints',
      )
    }
    if (role === 'watch' && !reads && !WATCH_ROUTES.has(route))
      throw new RequestError('FORBIDDEN', 'the watch token may look and change nothing')
    if (role === 'watch' && FULL_ROUTES.has(route))
      throw new RequestError('FORBIDDEN', 'the watch token may not see this')
    this.#roles.set(request, role)
    return undefined
  }

  /** The role that let a request through; undefined where none was needed. */
  roleOf(request: FastifyRequest): Role | undefined {
    return this.#roles.get(request)
  }

  /**
   * Whether a request that is still being answered, or whose socket is open, would be let through again: its token may have
   * been renewed since.
   */
  async isStillWelcome(request: Pick<IncomingMessage, 'headers' | 'socket' | 'url'>): Promise<boolean> {
    const { signIn } = this.#options
    const { headers, socket } = request
    const token = bearerIn(headers.authorization) ?? consoleTokenIn(request)
    if (token !== undefined) return (await signIn.roleNow(token)) !== undefined
    const cookie = cookieIn(headers.cookie, cookieNameAt(socket.localPort))
    return cookie !== undefined && (await signIn.roleOfCookie(cookie)) !== undefined
  }

  /** Lets a socket through, a camera's or a viewer's, or answers it and ends it. */
  async upgrade(request: IncomingMessage, socket: Duplex): Promise<boolean> {
    // Until the camera's own listener is there.
    const ignore = () => {}
    socket.on('error', ignore)
    try {
      if (socketOf(request) === 'camera') await this.#checkCamera(request)
      else await this.#checkPerson(request)
      socket.off('error', ignore)
      return !socket.destroyed
    } catch (error) {
      if (!(error instanceof RequestError)) {
        socket.destroy()
        throw error
      }
      const { address } = this.#options.proxies.peerOf(request)
      const path = pathOf(request.url)
      if (socketOf(request) === 'camera') this.#options.onRefusedCamera({ address, path, error })
      refuseUpgrade(socket, error)
      return false
    }
  }

  /** Gives a browser its cookie, or takes it away with 0 seconds. */
  setCookie(request: FastifyRequest, reply: FastifyReply, value: string, seconds: number): void {
    const { isSecure } = this.#options.proxies.peerOf(request.raw)
    const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${seconds}`]
    if (isSecure) attributes.push('Secure')
    reply.header('set-cookie', `${this.cookieName(request)}=${value}; ${attributes.join('; ')}`)
  }

  /** The cookie's name: browsers do not tell ports of one host apart. */
  cookieName(request: FastifyRequest): string {
    return cookieNameAt(request.socket.localPort)
  }

  async #checkCamera(request: IncomingMessage): Promise<void> {
    const { secrets, proxies, cameraAccess } = this.#options
    const { host, origin } = request.headers
    this.#checkHost(host)
    if (!mayOpenSocket(origin, host)) throw foreignOrigin(origin)
    const camera = { address: proxies.peerOf(request).address, key: keyIn(request.url ?? '/') }
    if (await mayConnect(cameraAccess, camera, async () => (await secrets.current()).cameraKey)) return
    throw new RequestError(
      'UNAUTHORIZED',
      camera.key === undefined
        ? 'a camera from here needs the key: add ?key=… to the address, `rollcall token` prints it'
        : 'the key in the address is wrong; `rollcall token` prints the right one',
    )
  }

  /** As a request, but whether or not its page is ours: browsers let every page open sockets. A console changes things. */
  async #checkPerson(request: IncomingMessage): Promise<void> {
    const { host, origin } = request.headers
    this.#checkHost(host)
    if (!isOwnOrigin(origin, host)) throw foreignOrigin(origin)
    const role = await this.#roleOf(request)
    if (role === 'watch' && socketOf(request) === 'console')
      throw new RequestError('FORBIDDEN', 'the watch token may look and change nothing')
    if (role !== undefined) return
    throw new RequestError(
      'UNAUTHORIZED',
      'sign in at /login, or send Authorization: Bearer with the token that `rollcall token` prints',
    )
  }

  #checkHost(host: string | undefined): void {
    if (this.#options.hosts.allows(host)) return
    throw new RequestError(
      'HOST_NOT_ALLOWED',
      `${quoted(host)} is no name of this machine; if it is one, start rollcall with --allowed-hosts and that name`,
    )
  }

  async #roleOf(request: IncomingMessage, reply?: FastifyReply): Promise<Role | undefined> {
    const { signIn, proxies } = this.#options
    const token = bearerIn(request.headers.authorization) ?? consoleTokenIn(request)
    if (token !== undefined) {
      const { address } = proxies.peerOf(request)
      const seconds = signIn.blockedForSeconds(address)
      if (seconds > 0) reply?.header('retry-after', seconds)
      return signIn.roleOfToken(token, address)
    }
    const cookie = cookieIn(request.headers.cookie, cookieNameAt(request.socket.localPort))
    return cookie === undefined ? undefined : signIn.roleOfCookie(cookie)
  }
}

function cookieNameAt(port: number | undefined): string {
  return `rollcall_${port}`
}

function foreignOrigin(origin: string | undefined): RequestError {
  return new RequestError('ORIGIN_NOT_ALLOWED', `a page of ${quoted(origin)} may not speak to this server`)
}

/** What a stranger sent, safe to send back as text. */
function quoted(text = ''): string {
  return JSON.stringify(text.slice(0, 100))
}

/** Whose socket a request asks for. */
export function socketOf({ url }: Pick<IncomingMessage, 'url'>): 'viewer' | 'console' | 'camera' {
  if (url?.startsWith(VIEWER_PATHS)) return 'viewer'
  return pathOf(url) === CONSOLE_PATH ? 'console' : 'camera'
}

/** `token` in the query of a console's URL: its page may run on a machine that has no cookie of ours. Nowhere else. */
function consoleTokenIn(request: Pick<IncomingMessage, 'url' | 'headers'>): string | undefined {
  const { url = '/', headers } = request
  const at = url.indexOf('?')
  if (at < 0 || headers.upgrade === undefined || socketOf(request) !== 'console') return undefined
  return new URLSearchParams(url.slice(at + 1)).get('token') || undefined
}

/** Answers a request for a socket with a refusal. */
export function refuseUpgrade(socket: Duplex, error: RequestError): void {
  const statusCode = STATUS_OF[error.code] ?? 400
  const message = `${error.message} (${error.code})\n`
  const headers = {
    ...SECURITY_HEADERS,
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(message),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join('\r\n')}\r\n\r\n${message}`)
}
