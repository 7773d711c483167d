/**
 * The console socket of boards, `WS /dev`: text goes to the boards, their pictures come as binary, their log as lines of text.
 * One that opens begins with the lines that are kept, and each board's newest picture.
 *
 * Who may open it is for `http` to say. A console that is slow is sent less, and never grows the memory.
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { RequestError } from '../errors.ts'
import type { Board } from '../ingest/board.ts'
import { type Clock, isoWithZone } from '../time.ts'
import type { BoardLine } from '../wire/board.ts'
import { Audience, type Listener, POLICY_VIOLATION } from './audience.ts'
import { NewestPictures } from './newest-pictures.ts'

/** A command, or `@name command`. */
const MAX_MESSAGE_BYTES = 4096
const MAX_CONSOLES = 32
/** Texts and pings of one console in a second. */
const MAX_MESSAGES_PER_SECOND = 50
/** With more bytes waiting, a console gets no picture until they have gone. */
const MAX_PICTURE_BYTES = 1024 * 1024
/** The same of lines: they are small, and pictures make room for them. */
const MAX_LINE_BYTES = 2 * MAX_PICTURE_BYTES
/** Of the newest pictures of all boards together: they are kept for consoles that open later. */
const MAX_NEWEST_BYTES = 64 * 1024 * 1024

export interface ConsolesOptions {
  clock: Clock
  heartbeatMs: number
  /** Whether who asked may still command. */
  mayGoOn: (request: IncomingMessage) => Promise<boolean>
}

interface Console {
  socket: WebSocket
  /** The board that it is about; undefined: all. */
  only: string | undefined
  /** Lines that it was too slow for. */
  leftOut: number
}

export class Consoles {
  readonly #clock: Clock
  readonly #audience: Audience
  readonly #boards = new Map<string, Board>()
  readonly #consoles = new Set<Console>()
  readonly #newest = new NewestPictures(MAX_NEWEST_BYTES)

  constructor(options: ConsolesOptions) {
    this.#clock = options.clock
    this.#audience = new Audience({
      ...options,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND,
    })
  }

  /** A board has connected; it is forgotten when it closes. */
  add(board: Board): void {
    this.#boards.set(board.id, board)
    board.on('line', (line) => this.#line(board.id, line))
    for (const event of ['packet', 'preview'] as const)
      board.on(event, ({ payload }) => this.#picture(board.id, payload))
    // It was said before anybody listened.
    this.#line(board.id, board.lines.at(-1)!)
    board.once('closed', () => {
      if (this.#boards.get(board.id) !== board) return
      this.#boards.delete(board.id)
      this.#newest.drop(board.id)
    })
  }

  /** A line of the server itself, about this board. */
  say(board: string, text: string): void {
    const line = this.#ownLine(text)
    for (const dev of this.#consoles) this.#tell(dev, board, line)
  }

  /**
   * Makes a console of a request that may command and asks for a WebSocket.
   *
   * @throws {RequestError} `TOO_MANY_VIEWERS`; the socket is as it was.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#consoles.size >= MAX_CONSOLES)
      throw new RequestError('TOO_MANY_VIEWERS', `more than ${MAX_CONSOLES} consoles`)
    this.#audience.upgrade(request, socket, head, (opened) => this.#add(opened, boardIn(request.url)))
  }

  /** Says goodbye to every console, and ends those that do not answer in time. May be called twice. */
  close(): Promise<void> {
    return this.#audience.close()
  }

  #add(socket: WebSocket, only: string | undefined): Listener {
    const dev: Console = { socket, only, leftOut: 0 }
    this.#consoles.add(dev)
    for (const { id, lines } of this.#boards.values())
      for (const line of lines) this.#tell(dev, id, lineText(id, line))
    void this.#showNewest(dev)
    return {
      says: (text) => {
        if (text === undefined) socket.close(POLICY_VIOLATION, 'a console sends text')
        else this.#obey(dev, text)
      },
      closed: () => this.#consoles.delete(dev),
    }
  }

  /** Sends a text to the boards that it is for, as it is. */
  #obey(dev: Console, text: string): void {
    const [, name = dev.only, words = ''] = /^\s*(?:@(\S+)\s*)?(.*)$/s.exec(text)!
    const meant = [...this.#boards.values()].filter(({ id, isAway }) =>
      name === undefined ? !isAway : id === name,
    )
    const answer = (reason: string) => this.#say(dev, this.#ownLine(reason))
    if (meant.length === 0)
      answer(name === undefined ? 'no board is connected' : `no board ${name} is connected`)
    for (const board of meant)
      board.tell(words).catch((error: Error) => answer(`${board.id} was not reached: ${error.message}`))
  }

  #line(id: string, line: BoardLine): void {
    if (this.#consoles.size === 0) return
    const text = lineText(id, line)
    for (const dev of this.#consoles) this.#tell(dev, id, text)
  }

  #tell(dev: Console, id: string, text: string): void {
    if (dev.only === undefined || dev.only === id) this.#say(dev, text)
  }

  #say(dev: Console, text: string): void {
    const { socket } = dev
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MAX_LINE_BYTES) {
      dev.leftOut += 1
      return
    }
    if (dev.leftOut > 0) socket.send(this.#ownLine(`${dev.leftOut} lines were left out`))
    dev.leftOut = 0
    socket.send(text)
  }

  #ownLine(text: string): string {
    return `${isoWithZone(this.#clock.wallMs())} - ${text}`
  }

  #picture(id: string, jpeg: Uint8Array): void {
    this.#newest.keep(id, jpeg)
    for (const { socket, only } of this.#consoles)
      if ((only === undefined || only === id) && socket.readyState === socket.OPEN)
        if (socket.bufferedAmount <= MAX_PICTURE_BYTES) socket.send(jpeg)
  }

  /** The newest picture of each of its boards, one after the other: none waits for the network beside another. */
  async #showNewest({ socket, only }: Console): Promise<void> {
    for (const id of only === undefined ? [...this.#boards.keys()] : [only]) {
      const newest = this.#newest.of(id)
      // A socket that is closed says so to the callback.
      if (newest) await new Promise((resolve) => socket.send(newest, resolve))
    }
  }
}

/** `2026-11-24T13:49:02.120+01:00 esp-1 < ACK: start`: when, which board, `>` to it or `<` from it, and the text. */
function lineText(id: string, { atMs, direction, text }: BoardLine): string {
  return `${isoWithZone(atMs)} ${id} ${direction === 'to' ? '>' : '<'} ${text}`
}

/** `board` in the query of a console's URL. */
function boardIn(url = ''): string | undefined {
  const at = url.indexOf('?')
  return at < 0 ? undefined : new URLSearchParams(url.slice(at + 1)).get('board') || undefined
}
