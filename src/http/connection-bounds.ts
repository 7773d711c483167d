/**
 * How many connections there may be, in all and from one address, so that one address that hogs keeps no other out.
 *
 * A connection beyond that is told why when it asks for something, or closed at once where many come together.
 */

import type { Server, Socket } from 'node:net'
import { plainAddress } from '../ingest/connection.ts'

/** So many that are turned away may wait for a word of why, in all and from one address. */
const MAX_TOLD = 64
const MAX_TOLD_PER_ADDRESS = 8
/** A connection that is turned away has so long to ask, in ms. */
const TOLD_MS = 2000
/** Refusals are reported at once and then together, in ms. */
const REPORT_MS = 10_000

/** Why a connection is turned away. */
export interface Refusal {
  /** 429 when its own address has too many, 503 when all together are too many. */
  statusCode: 429 | 503
  message: string
}

export interface ConnectionBoundsOptions {
  maxConnections: number
  maxConnectionsPerAddress: number
  /** Told of the first that was turned away, and then every ten seconds of how many more. */
  onRefused: (refusal: Refusal, count: number, address: string) => void
}

export class ConnectionBounds {
  readonly #options: ConnectionBoundsOptions
  readonly #open = new Map<string, number>()
  readonly #told = new Map<string, number>()
  readonly #refusals = new Map<string, Refusal>()
  #openInAll = 0
  #toldInAll = 0
  #unreported: { refusal: Refusal; count: number; address: string } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ConnectionBoundsOptions) {
    this.#options = options
  }

  /** Counts the connections of a server; several servers share the bounds. */
  attach(server: Server): void {
    // What is far beyond costs least where the system hands it over.
    server.maxConnections = this.#options.maxConnections + MAX_TOLD
    server.on('connection', (socket) => this.#connected(socket))
    server.on('drop', (data) => this.#report(this.#tooManyInAll(), data?.remoteAddress ?? 'unknown'))
    server.on('close', () => {
      clearTimeout(this.#timer)
      this.#timer = undefined
    })
  }

  /** Why what this connection asks for is refused; undefined when it is not. */
  refusalOf(peer: {
    remoteAddress?: string | undefined
    remotePort?: number | undefined
  }): Refusal | undefined {
    return this.#refusals.get(keyOf(peer))
  }

  #connected(socket: Socket): void {
    // It may have ended already.
    if (socket.remoteAddress === undefined) return void socket.destroy()
    const address = plainAddress(socket.remoteAddress)
    const refusal = this.#refusalFor(address)
    if (refusal) {
      this.#turnAway(socket, address, refusal)
      return
    }
    this.#openInAll += 1
    add(this.#open, address, 1)
    socket.once('close', () => {
      this.#openInAll -= 1
      add(this.#open, address, -1)
    })
  }

  #refusalFor(address: string): Refusal | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#options
    if ((this.#open.get(address) ?? 0) >= maxConnectionsPerAddress)
      return {
        statusCode: 429,
        message: `more than ${maxConnectionsPerAddress} connections from one address (maxConnectionsPerAddress)`,
      }
    return this.#openInAll >= maxConnections ? this.#tooManyInAll() : undefined
  }

  #tooManyInAll(): Refusal {
    return {
      statusCode: 503,
      message: `more than ${this.#options.maxConnections} connections in all (maxConnections)`,
    }
  }

  #turnAway(socket: Socket, address: string, refusal: Refusal): void {
    this.#report(refusal, address)
    if (this.#toldInAll >= MAX_TOLD || (this.#told.get(address) ?? 0) >= MAX_TOLD_PER_ADDRESS)
      return void socket.destroy()
    const key = keyOf(socket)
    this.#refusals.set(key, refusal)
    this.#toldInAll += 1
    add(this.#told, address, 1)
    const timer = setTimeout(() => socket.destroy(), TOLD_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#refusals.delete(key)
      this.#toldInAll -= 1
      add(this.#told, address, -1)
    })
  }

  #report(refusal: Refusal, address: string): void {
    if (this.#timer) {
      this.#unreported = { refusal, address, count: (this.#unreported?.count ?? 0) + 1 }
      return
    }
    this.#options.onRefused(refusal, 1, address)
    this.#wait()
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const { refusal, count, address } = this.#unreported ?? {}
      this.#unreported = undefined
      if (!refusal) return
      this.#options.onRefused(refusal, count!, address!)
      this.#wait()
    }, REPORT_MS)
  }
}

function keyOf(peer: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string {
  return `${peer.remoteAddress} ${peer.remotePort}`
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
