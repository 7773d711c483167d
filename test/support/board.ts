/** An ESP32 camera board as docs/esp32.md has it, written for the tests alone: it shares no code with Rollcall. */

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WebSocket } from 'ws'
import { temporaryFolder } from './folders.ts'

export interface BoardOptions {
  port: number
  /** Behind the path. */
  query?: string
  /** What it answers; undefined: nothing. */
  answers?: (text: string) => string | undefined
  /** Address that it connects from, of 127.0.0.0/8. */
  localAddress?: string
}

const ACKS = (text: string) => (text === 'status' ? 'STATUS: ready' : `ACK: ${text}`)

export class TestBoard {
  /** Texts that came from the server. */
  readonly received: string[] = []
  readonly sent: Uint8Array[] = []
  socket!: WebSocket
  readonly options: BoardOptions

  private constructor(options: BoardOptions) {
    this.options = options
  }

  static async connect(options: BoardOptions): Promise<TestBoard> {
    const board = new TestBoard(options)
    await board.connect()
    return board
  }

  /** Again, from another port. */
  async connect(): Promise<void> {
    const { port, query = '', answers = ACKS, localAddress } = this.options
    const socket = new WebSocket(`ws://127.0.0.1:${port}/esp${query}`, { localAddress })
    this.socket = socket
    socket.on('message', (data) => {
      const text = String(data)
      this.received.push(text)
      const answer = answers(text)
      if (answer !== undefined) socket.send(answer)
    })
    socket.on('error', () => {})
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
  }

  say(text: string): void {
    this.socket.send(text)
  }

  picture(bytes: Uint8Array): void {
    this.sent.push(bytes)
    this.socket.send(bytes)
  }

  /** So many pictures, each another. */
  async film(count: number, size = '320x240'): Promise<void> {
    const pictures = await jpegs(count, size)
    for (const bytes of pictures) this.picture(bytes)
  }

  /** Resolves when the server has read all that was sent so far: it answers pings in order. */
  acknowledged(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()))
    this.socket.ping()
    return answered
  }

  /** Without a word. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.terminate()
    await closed
  }
}

const made = new Map<string, Promise<Uint8Array[]>>()

/** Whole JPEG images of a moving test picture, by ffmpeg. */
export function jpegs(count: number, size = '320x240'): Promise<Uint8Array[]> {
  const key = `${count} ${size}`
  const known = made.get(key) ?? make(count, size)
  made.set(key, known)
  return known
}

async function make(count: number, size: string): Promise<Uint8Array[]> {
  const folder = await temporaryFolder()
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10`, '-frames:v', String(count)]
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...source, join(folder, '%04d.jpg')])
  const names = (await readdir(folder)).sort()
  return Promise.all(names.map((name) => readFile(join(folder, name))))
}
