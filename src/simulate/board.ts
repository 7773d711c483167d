/** One simulated ESP32 camera: its connection to `/esp`, and the commands that it obeys. */

import type { WebSocket } from 'ws'
import type { Clock } from '../time.ts'
import { type BoardAccount, boardTotals } from './board-account.ts'
import { BoardCapture } from './board-capture.ts'
import {
  type BoardCommand,
  type BoardSettings,
  FIRST_SETTINGS,
  parseBoardCommand,
  SIZES,
  STOPPED_TEXT,
  startedText,
  statusText,
} from './board-commands.ts'
import { BoardLink, type BoardLinkOptions } from './board-link.ts'
import type { Device } from './device.ts'
import type { JpegPictures, JpegRequest } from './jpeg-source.ts'
import { seededRandom } from './random.ts'
import type { Totals } from './table.ts'

/** Pictures a second that a board sends by itself: nobody can ask it for another rate. */
const DEFAULT_FPS = 15
/** More than this does not wait for the network: the board's memory holds a few pictures. */
const SEND_QUEUE_BYTES = 2 * 1024 * 1024

export interface BoardOptions extends BoardLinkOptions {
  /** Letters, digits and spaces: burnt into the pictures. */
  name: string
  /** Pictures a second, above 0. */
  fps?: number | undefined
  /** Most that a picture is held back before it is sent, in ms. */
  jitterMs: number
  /** Probability that a picture is dropped before sending, 0 to 1. */
  lossShare: number
  seed: number
  makePictures: (request: JpegRequest, signal: AbortSignal) => Promise<JpegPictures>
  clock: Clock
}

/** A board. It says nothing until it is asked, and captures when it is told to. */
export class Board implements Device {
  /** What it sent so far. */
  readonly account: BoardAccount
  readonly #options: BoardOptions
  readonly #random: () => number
  readonly #link: BoardLink
  #settings = FIRST_SETTINGS
  #capture: BoardCapture | undefined
  #stopping = false
  /** Commands are obeyed one after the other. */
  #obeying: Promise<void> = Promise.resolve()

  constructor(options: BoardOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    const id = new URL(options.url).searchParams.get('id')
    this.account = { name: options.name, id, connections: 0, captures: [] }
    this.#link = new BoardLink(options, {
      onOpen: () => {
        this.account.connections += 1
      },
      onText: (text) => {
        const { socket } = this.#link.connected!
        this.#obeying = this.#obeying.then(() => this.#obey(parseBoardCommand(text), socket))
      },
      onClosed: (ended) => {
        this.#capture?.cut(ended)
        this.#capture = undefined
      },
    })
  }

  get isConnected(): boolean {
    return this.#link.connected !== undefined
  }

  get capturing(): boolean {
    return this.#capture !== undefined
  }

  get queuedBytes(): number {
    return this.#link.connected?.socket.bufferedAmount ?? 0
  }

  get totals(): Totals {
    return boardTotals([this.account])
  }

  get maxLateMs(): number {
    return this.account.captures.at(-1)?.maxLateMs ?? 0
  }

  get gone(): Promise<void> {
    return this.#link.gone
  }

  connect(): Promise<void> {
    return this.#link.connect()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#end()
    await this.#link.stop()
  }

  async #obey(command: BoardCommand, socket: WebSocket): Promise<void> {
    // What was said on an earlier connection is forgotten with it.
    if (this.#stopping || this.#link.connected?.socket !== socket) return
    const say = (text: string) => socket.send(text, () => {})
    if (command.kind === 'refused') say(command.answer)
    else if (command.kind === 'status') {
      const pictures = this.account.captures.at(-1)?.pictures ?? 0
      say(statusText(this.#settings, this.capturing, pictures))
    } else {
      await this.#end()
      if (this.#stopping || this.#link.connected?.socket !== socket) return
      if (command.kind === 'stop') say(STOPPED_TEXT)
      else {
        this.#settings = { ...this.#settings, ...command.settings }
        say(startedText(this.#settings))
        this.#begin(this.#settings, socket)
      }
    }
  }

  async #end(): Promise<void> {
    const capture = this.#capture
    await capture?.stop()
    if (this.#capture === capture) this.#capture = undefined
  }

  #begin({ resolution, quality }: BoardSettings, socket: WebSocket): void {
    const { name, fps = DEFAULT_FPS, jitterMs, lossShare, clock, makePictures } = this.#options
    const [width, height] = SIZES[resolution]
    const account: BoardAccount['captures'][number] = {
      ...{ connection: this.#link.connected!.localId, source: null, resolution, quality, fps, width, height },
      ...{ pictures: 0, bytes: 0, dropped: 0, skipped: 0, maxLateMs: 0, ended: 'running' },
    }
    this.account.captures.push(account)
    this.#capture = new BoardCapture({
      pictures: (signal) => makePictures({ boardName: name, width, height, quality }, signal),
      sendPicture: (jpeg) => {
        if (socket.bufferedAmount + jpeg.length > SEND_QUEUE_BYTES) return false
        // Errors are told by 'close'.
        socket.send(jpeg, () => {})
        return true
      },
      jitterMs,
      lossShare,
      random: this.#random,
      clock,
      account,
    })
  }
}
