/** One board's console: `/dev?board=ID`. It connects anew until it is closed, and the server tells the kept lines again. */

import { signal } from '@preact/signals'
import { loadSettings } from '../api/settings.ts'
import { type ConsoleLine, readConsoleLine } from './console-line.ts'

/** Lines that are shown. */
const MAX_LINES = 500
/** Between two attempts to connect, in ms. */
const AGAIN_MS = 1500

export class BoardConsole {
  readonly state = signal<'connecting' | 'open' | 'lost'>('connecting')
  /** The oldest first. */
  readonly lines = signal<readonly ConsoleLine[]>([])
  /** The newest picture, a whole JPEG image as it came. */
  readonly picture = signal<Blob | undefined>(undefined)
  readonly #url: string
  #socket: WebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(board: string) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
    this.#url = `${scheme}//${location.host}/dev?board=${encodeURIComponent(board)}`
    this.#connect()
  }

  /** Sends a text to the board; false when there is no way to it now. */
  send(text: string): boolean {
    if (this.state.peek() !== 'open') return false
    this.#socket!.send(text)
    return true
  }

  close(): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  #connect(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onopen = () => {
      if (this.#socket !== socket) return
      this.lines.value = []
      this.state.value = 'open'
    }
    socket.onmessage = ({ data }: MessageEvent<string | Blob>) => {
      if (this.#socket !== socket) return
      if (typeof data !== 'string') this.picture.value = data
      else {
        const line = readConsoleLine(data)
        if (line) this.lines.value = [...this.lines.peek(), line].slice(-MAX_LINES)
      }
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.state.value = 'lost'
      // Whoever is signed out is taken to the login page by this.
      loadSettings().catch(() => {})
      this.#timer = setTimeout(() => this.#connect(), AGAIN_MS)
    }
  }
}
