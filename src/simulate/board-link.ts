/** A board's way to its server: five seconds after every cut it tries again, for as long as it runs. */

import { type Connected, closeSocket, connectSocket } from './connect.ts'

/** From a cut, or an attempt that failed, to the next attempt. */
const RECONNECT_MS = 5000

export interface BoardLinkOptions {
  /** `ws:` or `wss:`. */
  url: string
  /** How long the first connection is tried for. Later ones are tried until there is one. */
  connectPatienceMs: number
  reconnectMs?: number | undefined
  /** The connection is cut this often. */
  dropEveryMs?: number | undefined
  /** Told, once, that the server does not answer yet, and why. */
  onWaiting?: ((reason: string) => void) | undefined
}

/** What the board does on its connection. */
export interface BoardTalk {
  onOpen: (connected: Connected) => void
  /** A text of the server; never before `onOpen`. */
  onText?: (text: string) => void
  onClosed: (ended: 'cut' | 'connection-lost') => void
}

/** Nothing is connected until `connect`. */
export class BoardLink {
  /** Resolves when the board is stopped and its last connection is over. */
  readonly gone: Promise<void>
  readonly #options: BoardLinkOptions
  readonly #talk: BoardTalk
  readonly #aborted = new AbortController()
  #finish: () => void = () => {}
  #connected: Connected | undefined
  #cut = false
  #dropTimer: NodeJS.Timeout | undefined
  #reconnectTimer: NodeJS.Timeout | undefined

  constructor(options: BoardLinkOptions, talk: BoardTalk) {
    this.#options = options
    this.#talk = talk
    this.gone = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  /** Undefined while there is no connection. */
  get connected(): Connected | undefined {
    return this.#connected
  }

  /** @throws {RequestError} when no server answers in time, or it refuses; see `connectSocket`. */
  async connect(): Promise<void> {
    await this.#dial(this.#options.connectPatienceMs, this.#options.onWaiting)
  }

  /** Ends the connection, and connects no more. May be called twice. */
  async stop(): Promise<void> {
    this.#aborted.abort()
    clearTimeout(this.#dropTimer)
    clearTimeout(this.#reconnectTimer)
    if (this.#connected) await closeSocket(this.#connected.socket)
    this.#finish()
  }

  async #dial(patienceMs: number, onWaiting?: (reason: string) => void): Promise<void> {
    const { url, dropEveryMs } = this.#options
    const early: string[] = []
    const connected = await connectSocket({
      url,
      patienceMs,
      signal: this.#aborted.signal,
      onWaiting,
      onMessage: (text) => {
        if (this.#connected) this.#talk.onText?.(text)
        else early.push(text)
      },
    })
    if (!connected) return
    if (this.#aborted.signal.aborted) {
      connected.socket.terminate()
      return
    }
    this.#connected = connected
    this.#cut = false
    connected.socket.on('close', () => this.#closed())
    if (dropEveryMs !== undefined) this.#dropTimer = setTimeout(() => this.#drop(), dropEveryMs)
    this.#talk.onOpen(connected)
    for (const text of early) this.#talk.onText?.(text)
  }

  #drop(): void {
    this.#cut = true
    this.#connected?.socket.terminate()
  }

  #closed(): void {
    clearTimeout(this.#dropTimer)
    this.#connected = undefined
    this.#talk.onClosed(this.#cut ? 'cut' : 'connection-lost')
    this.#tryLater()
  }

  #tryLater(): void {
    if (this.#aborted.signal.aborted) return
    this.#reconnectTimer = setTimeout(() => {
      this.#dial(0).catch(() => this.#tryLater())
    }, this.#options.reconnectMs ?? RECONNECT_MS)
  }
}
