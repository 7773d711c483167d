/** The connection to the server: it says hello, beats, and comes back by itself. Times in ms. */

import type { FromPhone2, Hello2, ToPhone2 } from '../../wire/protocol2.ts'
import { REPLACED } from '../../wire/protocol2-frames.ts'
import type { LinkState } from './worker-messages.ts'

const BEAT_MS = 2000
/** Nothing was heard for so long: the connection is given up. */
const SILENCE_MS = 5000
const FIRST_WAIT_MS = 300
const LONGEST_WAIT_MS = 3000

/** What is used of a WebSocket. */
export interface Socket {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onclose: ((event: { code: number }) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  send(data: string | Uint8Array): void
  close(): void
}

const OPEN = 1

export interface LinkOptions {
  connect: () => Socket
  hello: () => Hello2
  /** Whether the server answers at all, asked when it refuses a connection. */
  isThere: () => Promise<boolean>
  /** This device's time, µs. */
  nowUs: () => number
  /** Welcomed, on a new connection. */
  onOpen: () => void
  onMessage: (message: ToPhone2) => void
  onState: () => void
}

export class Link {
  readonly #options: LinkOptions
  #state: LinkState = 'connecting'
  #socket: Socket | undefined
  #isOver = false
  #waitMs = FIRST_WAIT_MS
  #beat: ReturnType<typeof setInterval> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.#connect()
  }

  get state(): LinkState {
    return this.#state
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#socket?.readyState === OPEN
  }

  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  /** Lost without a connection: all that counts is said anew on the next one. */
  say(message: FromPhone2): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message))
  }

  send(message: Uint8Array): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(message)
  }

  /** For good. */
  close(state?: LinkState): void {
    this.#isOver = true
    this.#drop()
    clearTimeout(this.#again)
    if (state) this.#set(state)
  }

  #connect(): void {
    const socket = this.#options.connect()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    let hasOpened = false
    socket.onopen = () => {
      hasOpened = true
      this.say(this.#options.hello())
      this.#askTime()
      this.#beat = setInterval(() => this.#askTime(), BEAT_MS)
    }
    socket.onmessage = ({ data }) => {
      this.#heardSomething()
      if (typeof data === 'string') this.#hears(JSON.parse(data))
    }
    socket.onclose = ({ code }) => {
      if (code === REPLACED) this.close('replaced')
      else this.#lost(!hasOpened)
    }
    this.#heardSomething()
  }

  #hears(message: ToPhone2): void {
    const isWelcome = 'type' in message && message.type === 'welcome'
    if (isWelcome) {
      this.#waitMs = FIRST_WAIT_MS
      this.#set('open')
    }
    this.#options.onMessage(message)
    if (isWelcome) this.#options.onOpen()
  }

  #askTime(): void {
    this.say({ type: 'clock', phoneUs: this.#options.nowUs() })
  }

  #heardSomething(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(false), SILENCE_MS)
  }

  /** @param isRefused - The handshake failed: the server said no, or there is none. */
  #lost(isRefused: boolean): void {
    this.#drop()
    if (this.#isOver) return
    // It stays `refused` until a connection is welcomed.
    if (this.#state !== 'refused' || !isRefused) this.#set('connecting')
    this.#again = setTimeout(() => this.#connect(), this.#waitMs)
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2)
    if (isRefused)
      void this.#options.isThere().then((isThere) => {
        if (this.#state === 'connecting' && isThere) this.#set('refused')
        else if (this.#state === 'refused' && !isThere) this.#set('connecting')
      })
  }

  #drop(): void {
    clearInterval(this.#beat)
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    socket.onopen = socket.onclose = socket.onmessage = null
    socket.close()
  }

  #set(state: LinkState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onState()
  }
}
