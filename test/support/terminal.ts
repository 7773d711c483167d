/** Terminals to type on: a pipe, and a screen with enough of a VT100 to see the rows that a person sees. */

import { PassThrough } from 'node:stream'
import { vi } from 'vitest'
import type { CameraRow, DiskFigures, Room } from '../../src/console/room.ts'
import { openTerminal } from '../../src/console/terminal.ts'
import { RequestError } from '../../src/errors.ts'
import type { Outcome, Sent } from '../../src/recording/asked.ts'
import type { StartRequest } from '../../src/wire/messages.ts'

export const idle: CameraRow = {
  id: '192.168.1.20_40312',
  name: null,
  model: 'Pixel 6a',
  address: '192.168.1.20',
  state: 'ready',
  isBoard: false,
  recording: undefined,
  pictures: 0,
  fps: undefined,
  mbps: undefined,
  durationMs: 0,
  missing: 0,
  malformed: 0,
}
export const busy: CameraRow = {
  ...idle,
  id: '192.168.1.121_40313',
  model: 'SM-G991B',
  state: 'recording',
  recording: 'x',
  pictures: 36000,
  fps: 9.96,
  mbps: 3.98,
  durationMs: 3_601_000,
  missing: 2,
}
export const nothing: Outcome = { confirmed: [], already: [], refused: [], failed: [], silent: [], away: [] }

export class FakeRoom implements Room {
  rows: CameraRow[] = []
  outcome: Outcome = nothing
  take: string | undefined
  space: DiskFigures | undefined
  fault: string | undefined
  readonly requests: (StartRequest | 'stop')[] = []
  readonly told: string[] = []
  cameras() {
    return this.rows
  }
  disk(): DiskFigures | undefined {
    return this.space
  }
  start(request: StartRequest): Sent {
    if (this.space?.isLow) throw new RequestError('DISK_SPACE_LOW', '12 MB free')
    this.requests.push(request)
    const cameras = this.take ? this.rows.filter(({ state }) => state === 'ready') : this.rows
    this.take ??= 'take_1'
    return this.#sent(cameras)
  }
  stop(): Sent {
    this.requests.push('stop')
    const sent = this.#sent(this.rows)
    this.take = undefined
    return { ...sent, takeId: undefined }
  }
  dataFault() {
    return this.fault
  }
  async tell(board: string, text: string) {
    if (board !== busy.id) throw new Error('it is no board')
    this.told.push(text)
  }

  takeId() {
    return this.take
  }
  #sent(rows: CameraRow[]): Sent {
    return { takeId: this.take, cameras: rows.map(({ id }) => id), outcome: Promise.resolve(this.outcome) }
  }
}

/** Obeys what our terminal and readline write: enough of a VT100 to see the rows that a person sees. */
class Screen extends PassThrough {
  isTTY = true
  columns: number
  #rows: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns: number) {
    super()
    this.columns = columns
    this.on('data', (data) => this.#obey(String(data)))
  }

  get lines(): string[] {
    return this.#rows.map((row) =>
      Array.from(row, (c) => c ?? ' ')
        .join('')
        .trimEnd(),
    )
  }

  get cursor(): [row: number, column: number] {
    return [this.#row, this.#column]
  }

  #obey(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is a terminal
    for (const [token, count, action] of text.matchAll(/\x1b\[(\d*)([A-Z])|./gsu)) {
      const n = Number(count || 1)
      if (action === 'A') this.#row -= n
      else if (action === 'B') this.#row += n
      else if (action === 'C') this.#column += n
      else if (action === 'D') this.#column -= n
      else if (action === 'G') this.#column = n - 1
      else if (action === 'J') {
        this.#rows.length = this.#row + 1
        this.#rows[this.#row]!.length = Math.min(this.#column, this.#rows[this.#row]!.length)
      } else if (action) throw new Error(`unknown sequence ${JSON.stringify(token)}`)
      else if (token === '\r') this.#column = 0
      else if (token === '\n') this.#newRow()
      else {
        if (this.#column === this.columns) this.#newRow()
        this.#rows[this.#row]![this.#column++] = token
      }
      if (this.#row < 0) throw new Error('the cursor left the screen at the top')
    }
  }

  #newRow(): void {
    this.#row += 1
    this.#column = 0
    this.#rows[this.#row] ??= []
  }
}

export const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

export function openPipe() {
  const [input, output, room, onQuit] = [new PassThrough(), new PassThrough(), new FakeRoom(), vi.fn()]
  let text = ''
  output.on('data', (data) => {
    text += data
  })
  const terminal = openTerminal({ input, output, room, onQuit })
  const type = async (line: string) => {
    text = ''
    input.write(`${line}\n`)
    await settled()
    return text.trimEnd().split('\n')
  }
  return { input, output, room, onQuit, terminal, type, text: () => text }
}

export function openTty(columns = 80) {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const [screen, room, onQuit] = [new Screen(columns), new FakeRoom(), vi.fn()]
  const terminal = openTerminal({ input, output: screen, room, onQuit })
  /** As a person types: a key at a time; `paste` comes in one piece. */
  const paste = async (text: string) => {
    input.write(text)
    await settled()
  }
  const type = async (text: string) => {
    for (const key of text) await paste(key)
  }
  return { input, screen, room, onQuit, terminal, type, paste }
}
