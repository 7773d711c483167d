/**
 * The live view: every camera's pictures to whoever watches, over `WS /live/:camera`.
 *
 * In `live` belongs what viewers are sent and when. Who may watch is for `http` to say, before and as long as a socket is open.
 * Nothing here waits, and nothing grows but within bounds: a viewer costs a recording nothing but the time of a write.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { RequestError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { LIVE_CAMERA_GONE } from '../wire/api/events.ts'
import { Audience, type Listener, POLICY_VIOLATION } from './audience.ts'
import { Hub } from './hub.ts'
import { GroupBudget } from './kept-group.ts'
import { paceIn } from './request.ts'
import { Viewer } from './viewer.ts'

/** What comes before the camera's id. */
const LIVE_PREFIX = '/live/'
/** A viewer's message is a line of JSON. */
const MAX_MESSAGE_BYTES = 1024
/** Messages, pings and pongs of one viewer in a second. */
const MAX_MESSAGES_PER_SECOND = 20
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
  readonly #audience: Audience
  readonly #watched = new Map<WebSocket, Hub>()
  #skippedPictures = 0

  constructor(options: LiveOptions) {
    this.#options = options
    this.#budget = new GroupBudget(options.liveGopTotalBytes)
    this.#audience = new Audience({
      ...options,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND,
    })
  }

  get viewers(): number {
    return this.#audience.size
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
    for (const [socket, watched] of this.#watched)
      if (watched === hub) socket.close(LIVE_CAMERA_GONE, 'the camera has gone')
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
    this.#audience.upgrade(request, socket, head, (opened) => this.#watch(opened, hub))
  }

  /** Says goodbye to every viewer, and ends those that do not answer in time. May be called twice. */
  async close(): Promise<void> {
    this.#hubs.clear()
    await this.#audience.close()
  }

  #watch(socket: WebSocket, hub: Hub): Listener {
    const { clock, liveQueuedBytes } = this.#options
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
    this.#watched.set(socket, hub)
    hub.viewers.add(viewer)
    return {
      says: (text) => {
        const pace = text === undefined ? undefined : paceIn(text)
        if (pace) viewer.pace = pace
        else socket.close(POLICY_VIOLATION, 'a viewer may say {"type":"pace","pace":"all" or "keyframes"}')
      },
      answersPing: (data) => viewer.answered(data),
      closed: () => {
        hub.viewers.delete(viewer)
        this.#watched.delete(socket)
      },
    }
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
