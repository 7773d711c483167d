/** Takes WebSocket connections on any path and makes each a camera: a phone or a board; or hands it on as a device. */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import { ProtocolError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { SUBPROTOCOL_2 } from '../wire/protocol2-frames.ts'
import { Boards } from './boards.ts'
import { type AnyCamera, Camera } from './camera.ts'
import { pathOf } from './camera-urls.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { DEVICE_ID_ALLOWED, isDeviceId } from './device-id.ts'
import { type Tell, waitForPhone, waitForWords } from './front-door.ts'
import { sayGoodbye } from './goodbye.ts'
import { LastingCamera } from './lasting-camera.ts'

/** What holds for every connection. */
type Bounds = Pick<
  ConnectionOptions,
  'maxTextBytes' | 'maxTextsPerSecond' | 'maxPingsPerSecond' | 'heartbeatMs'
>

export interface CameraServerOptions extends Bounds {
  /** A connection that has said nothing for this long, in ms, is closed with 4408, but on the path of boards. */
  helloMs: number
  /** A larger message ends its connection with close code 1009. */
  maxPacketBytes: number
  /** Of messages that are not whole, of all connections together; or four times `maxPacketBytes`, if that is more. */
  maxHalfSentBytes: number
  /** A message in more fragments ends its connection with close code 1008. */
  maxFragments: number
  clock: Clock
  onCamera: (camera: AnyCamera) => void
  /** Whether a text on `/` is a device's. */
  isReading: (text: string) => boolean
  /** A connection on `/` is a device's: it needs a hearer. `id` is what it calls itself. Gives what takes it back. */
  onDevice: (connection: Connection, id: string | undefined) => () => void
  /** Told of connections that are nothing yet. */
  tell: Tell
}

/** Boards on this path speak only when they are spoken to. */
const BOARD_PATH = '/esp'
/** Devices that send numbers or JSON come here; so may phones. */
const DEVICE_PATH = '/'

const TAKEN = 'id is that of a camera of another kind'
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
  readonly #connections = new Set<Connection>()
  readonly #boards: Boards
  /** By id: those that speak version 2, connected or away. */
  readonly #lasting = new Map<string, LastingCamera>()
  readonly #options: CameraServerOptions
  readonly #timer: NodeJS.Timeout

  constructor(options: CameraServerOptions) {
    this.#options = options
    this.#boards = new Boards(options.onCamera, options.tell)
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
      const isBoards = path === BOARD_PATH
      const connection = new Connection(socket, {
        ...options,
        helloMs: isBoards ? undefined : options.helloMs,
        address: remoteAddress,
        port: remotePort,
        path,
        bytesRead: () => stream.bytesRead,
      })
      this.#connections.add(connection)
      socket.once('close', () => this.#connections.delete(connection))
      if (socket.protocol === SUBPROTOCOL_2) this.#listenForHello(new Camera(connection, 2))
      else this.#meet(connection, idIn(request.url))
    })
    const most = Math.max(options.maxHalfSentBytes, MIN_HALF_LARGEST * options.maxPacketBytes)
    this.#timer = setInterval(() => endLongest(this.#connections, most), LOOK_MS).unref()
  }

  /** Makes a camera of a request that asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#sockets.emit('connection', webSocket, request),
    )
  }

  /** Finds out what speaks version 1, or nothing that has one. */
  #meet(connection: Connection, id: string | undefined): void {
    const { onCamera, onDevice, isReading, tell } = this.#options
    const { path, address } = connection
    const onPhone = () => onCamera(new Camera(connection, 1))
    if (path === BOARD_PATH) {
      const onBoard = () => this.#boards.connected(connection, id)
      if (id !== undefined && !isDeviceId(id)) this.#refuse(connection)
      else if (id !== undefined && this.#lasting.has(id)) this.#refuse(connection, TAKEN)
      else if (id !== undefined || this.#boards.misses(address)) onBoard()
      else waitForPhone(connection, this.#boards.look(address), onPhone, onBoard)
    } else if (path === DEVICE_PATH)
      waitForWords(connection, { tell, isReading, onPhone, onDevice: () => onDevice(connection, id) })
    else onPhone()
  }

  #refuse(connection: Connection | Camera, rule = `id must be ${DEVICE_ID_ALLOWED}`): void {
    const code = 'DEVICE_ID_INVALID'
    const { address, path } = connection
    this.#options.tell({
      level: 'warn',
      key: `id ${address}`,
      fields: { address, path, code },
      message: rule,
    })
    connection.end(code, rule)
  }

  /** What comes before `hello` is dropped; a connection that never says it is one that keeps quiet. */
  #listenForHello(connection: Camera): void {
    const { id: camera, address, path } = connection
    connection.on('fault', (error) => {
      const code = error instanceof ProtocolError && { code: error.code }
      this.#options.tell({
        level: 'warn',
        key: `fault ${address}`,
        fields: { camera, path, ...code },
        message: `the connection broke: ${error.message}`,
      })
    })
    connection.on('message2', (hello) => {
      if (hello.type !== 'hello') return
      // From here on another one tells what becomes of it.
      connection.removeAllListeners('message2').removeAllListeners('fault')
      const known = this.#lasting.get(hello.id)
      if (known) return known.connected(hello, connection)
      // A phone and a board of one name would take each other's commands.
      if (!isDeviceId(hello.id) || this.#boards.has(hello.id)) return this.#refuse(connection, TAKEN)
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
    await sayGoodbye(open)
  }
}

/** What a device calls itself: `id` in the query of its URL. */
function idIn(url = '/'): string | undefined {
  const at = url.indexOf('?')
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at + 1)).get('id') ?? undefined)
}

/** Ends connections, those of the longest half messages first, until those of all take no more than so many bytes. */
export function endLongest(
  cameras: Iterable<Pick<Connection, 'halfBytes' | 'cut'>>,
  mostBytes: number,
): void {
  const halves = Array.from(cameras, (camera) => ({ camera, bytes: camera.halfBytes }))
  let sum = halves.reduce((total, { bytes }) => total + bytes, 0)
  if (sum <= mostBytes) return
  for (const { camera, bytes } of halves.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= mostBytes) return
    camera.cut('TOO_MUCH_HALF_SENT', `messages that are not whole take more than ${mostBytes} bytes together`)
    sum -= bytes
  }
}
