/** `GET /api/events`: what happens in the room, as server-sent events (WHATWG HTML, 9.2). */

import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { RequestError } from '../errors.ts'
import type { Clock } from '../time.ts'
import type { RoomEvent } from '../wire/api/events.ts'
import type { Guard } from './guard.ts'

/** The time is told so often, in ms: proxies end what is silent, and who is gone is found out. The role is looked at too. */
const HEARTBEAT_MS = 15_000
/** How long a browser waits before it comes back, in ms. */
const RETRY = 'retry: 1000\n\n'
const MAX_STREAMS = 100
/** Of these so many are for those who steer: viewers cannot keep them out. */
const KEPT_SHARE = 0.2
/** A listener that leaves so much unread is cut off; it comes back and gets what it missed. */
const MAX_UNREAD_BYTES = 2 * 1024 * 1024

/** Where the events come from. */
export interface EventSource {
  listen(lastId: string | undefined, listener: (text: string) => void): () => void
}

export interface EventStreamsOptions {
  events: EventSource
  guard: Pick<Guard, 'isStillWelcome' | 'roleOf'>
  clock: Clock
  heartbeatMs?: number
  maxStreams?: number
  maxUnreadBytes?: number
}

export class EventStreams {
  readonly routes: FastifyPluginCallback
  readonly #events: EventSource
  readonly #guard: Pick<Guard, 'isStillWelcome' | 'roleOf'>
  readonly #clock: Clock
  readonly #maxStreams: number
  readonly #maxUnreadBytes: number
  readonly #heartbeat: NodeJS.Timeout
  readonly #streams = new Map<FastifyReply['raw'], FastifyRequest>()

  constructor(options: EventStreamsOptions) {
    this.#events = options.events
    this.#guard = options.guard
    this.#clock = options.clock
    this.#maxStreams = options.maxStreams ?? MAX_STREAMS
    this.#maxUnreadBytes = options.maxUnreadBytes ?? MAX_UNREAD_BYTES
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs ?? HEARTBEAT_MS).unref()
    this.routes = (fastify, _options, done) => {
      const schema = {
        summary:
          'What happens, as server-sent events: a snapshot first, or what was missed since Last-Event-ID',
        headers: z.object({ 'last-event-id': z.string().optional() }),
      }
      fastify
        .withTypeProvider<ZodTypeProvider>()
        .get('/api/events', { schema, exposeHeadRoute: false }, (request, reply) => {
          this.#open(request, reply, request.headers['last-event-id'])
        })
      done()
    }
  }

  /** Ends those whose token has been renewed. */
  async check(): Promise<void> {
    await Promise.all(
      [...this.#streams].map(async ([stream, request]) => {
        if (!(await this.#guard.isStillWelcome(request))) stream.destroy()
      }),
    )
  }

  /** Ends all of them. May be called twice. */
  close(): void {
    clearInterval(this.#heartbeat)
    for (const stream of this.#streams.keys()) stream.destroy()
  }

  #open(request: FastifyRequest, reply: FastifyReply, lastId: string | undefined): void {
    const isViewer = this.#guard.roleOf(request) === 'watch'
    if (this.#streams.size >= this.#maxStreams * (isViewer ? 1 - KEPT_SHARE : 1))
      throw new RequestError('TOO_MANY_CONNECTIONS', `${this.#streams.size} listen already; close a page`)
    reply.hijack()
    const stream = reply.raw
    // Gone while its token was looked at.
    if (stream.destroyed) return
    stream.writeHead(200, {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
    } as Record<string, string>)
    this.#streams.set(stream, request)
    stream.write(RETRY + this.#clockText())
    const end = this.#events.listen(lastId, (text) => this.#send(stream, text))
    stream.on('close', () => {
      end()
      this.#streams.delete(stream)
    })
    stream.on('error', () => {})
  }

  #send(stream: FastifyReply['raw'], text: string): void {
    if (stream.writableEnded || stream.destroyed) return
    if (stream.writableLength > this.#maxUnreadBytes) stream.destroy()
    else stream.write(text)
  }

  /** Without an id: who comes back has missed none. */
  #clockText(): string {
    const event: RoomEvent = { type: 'clock', serverTimeMs: this.#clock.wallMs() }
    return `event: clock\ndata: ${JSON.stringify(event)}\n\n`
  }

  #beat(): void {
    const text = this.#clockText()
    for (const stream of this.#streams.keys()) this.#send(stream, text)
    void this.check()
  }
}
