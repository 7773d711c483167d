/** The board that sends a random number: a whole one from 0 to 100, as text, again and again. */

import type { NumberAccount } from './board-account.ts'
import { BoardLink, type BoardLinkOptions } from './board-link.ts'
import type { Device } from './device.ts'
import { seededRandom } from './random.ts'
import type { Totals } from './table.ts'

const LARGEST = 100
const DEFAULT_INTERVAL_MS = 2000

export interface NumberBoardOptions extends BoardLinkOptions {
  name: string
  /** From a number to the next. */
  intervalMs?: number | undefined
  seed: number
}

/** A board that listens to nobody. */
export class NumberBoard implements Device {
  /** What it sent so far. */
  readonly account: NumberAccount
  readonly maxLateMs = 0
  readonly #random: () => number
  readonly #link: BoardLink
  #timer: NodeJS.Timeout | undefined
  #bytes = 0

  constructor(options: NumberBoardOptions) {
    this.#random = seededRandom(options.seed)
    this.account = { name: options.name, connections: 0, numbers: 0, sum: 0, last: null }
    this.#link = new BoardLink(options, {
      onOpen: () => {
        this.account.connections += 1
        this.#send()
        this.#timer = setInterval(() => this.#send(), options.intervalMs ?? DEFAULT_INTERVAL_MS)
      },
      onClosed: () => clearInterval(this.#timer),
    })
  }

  get isConnected(): boolean {
    return this.#link.connected !== undefined
  }

  get capturing(): boolean {
    return this.isConnected
  }

  get queuedBytes(): number {
    return this.#link.connected?.socket.bufferedAmount ?? 0
  }

  /** Numbers stand where others count pictures. */
  get totals(): Totals {
    return { pictures: this.account.numbers, bytes: this.#bytes, dropped: 0 }
  }

  get gone(): Promise<void> {
    return this.#link.gone
  }

  connect(): Promise<void> {
    return this.#link.connect()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#link.stop()
  }

  #send(): void {
    const number = Math.floor(this.#random() * (LARGEST + 1))
    this.#link.connected?.socket.send(String(number), () => {})
    this.account.numbers += 1
    this.account.sum += number
    this.account.last = number
    this.#bytes += String(number).length
  }
}
