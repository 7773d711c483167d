/** Which board is which: they say nothing of themselves when they connect. */

import type { BoardSettings } from '../wire/board.ts'
import { Board } from './board.ts'
import type { Connection } from './connection.ts'
import type { Tell } from './front-door.ts'

/** A board whose address connects anew must give a sign of life within this, in ms, or the connection that it has is lost. */
const ALIVE_MS = 2000
/** Boards that are remembered; of more the one that left longest ago is forgotten. */
const MAX_KNOWN = 1000
/** So many that left an address of several boards keep their names from newcomers: which of them these are nobody can tell. */
const MAX_LEFT = 20
interface Known {
  /** Where it connected from last. */
  address: string
  settings: BoardSettings
  /** undefined once nobody waits for it. */
  board: Board | undefined
  hasOwnId: boolean
}

export class Boards {
  readonly #known = new Map<string, Known>()
  readonly #onBoard: (board: Board) => void
  readonly #tell: Tell

  constructor(onBoard: (board: Board) => void, tell: Tell) {
    this.#onBoard = onBoard
    this.#tell = tell
  }

  /** Whether a board of this name is there, or waited for. */
  has(id: string): boolean {
    return this.#known.get(id)?.board !== undefined
  }

  /** Whether a connection from this address is a board's for certain: one of there is missed. */
  misses(address: string): boolean {
    return this.#missedAt(address) !== undefined
  }

  /**
   * A connection comes from this address: a board that lost its network without a word connects anew while its old connection
   * still seems to be there. Resolves once it is known whether it is; not asked where several boards share the address.
   */
  async look(address: string): Promise<void> {
    const [only, ...others] = this.#at(address)
    if (only && others.length === 0) await only[1].board?.endIfDead(ALIVE_MS)
  }

  /**
   * Makes a connection a board, or gives it to the board whose it is.
   *
   * @param ownId - What the device calls itself. Without it: the board of this address, if there was never more than this one and it
   *   is missing; else a new one, because two that are one would spoil both recordings.
   */
  connected(connection: Connection, ownId?: string): void {
    const { address } = connection
    const id = ownId ?? this.#missedAt(address) ?? this.#newId(address)
    const known = this.#known.get(id)
    if (known) known.address = address
    if (known?.board?.connected(connection)) return
    const settings = known?.settings ?? {}
    const hasOwnId = ownId !== undefined
    const mayReturn = () => hasOwnId || this.#at(address).length === 1
    const board = new Board({ id, hasOwnId, settings, mayReturn, connection })
    // At the end: the newest.
    this.#known.delete(id)
    this.#known.set(id, { address, settings, board, hasOwnId })
    board.once('closed', () => this.#left(id, board))
    this.#makeRoom()
    this.#onBoard(board)
    if (mayReturn()) return
    const message =
      'one of several boards without a name at this address: none is known again when it comes back; give each ?id=NAME'
    this.#tell({ level: 'warn', key: `boards ${address}`, fields: { camera: id, address }, message })
  }

  /** Those without a name of their own that came from this address. Several: they were there at the same time. */
  #at(address: string): [id: string, known: Known][] {
    return [...this.#known].filter(([, one]) => !one.hasOwnId && one.address === address)
  }

  /** The board that a connection from this address is. */
  #missedAt(address: string): string | undefined {
    const [only, ...others] = this.#at(address)
    return only && others.length === 0 && isAbsent(only[1]) ? only[0] : undefined
  }

  /** The lowest free number. */
  #newId(address: string): string {
    const left = this.#at(address).filter(([, { board }]) => !board)
    for (const [id] of left.slice(0, -MAX_LEFT)) this.#known.delete(id)
    let n = 1
    while (this.#known.has(`esp-${n}`)) n += 1
    return `esp-${n}`
  }

  #left(id: string, board: Board): void {
    const known = this.#known.get(id)
    if (known?.board === board) known.board = undefined
  }

  #makeRoom(): void {
    if (this.#known.size <= MAX_KNOWN) return
    const oldest = [...this.#known].find(([, one]) => !one.board)
    if (oldest) this.#known.delete(oldest[0])
  }
}

function isAbsent({ board }: Known): boolean {
  return !board || board.isAway
}
