/** Which board is which: they say nothing of themselves when they connect. */

import type { BoardSettings } from '../wire/board.ts'
import { Board } from './board.ts'
import type { Connection } from './connection.ts'

/** A board whose address connects anew must give a sign of life within this, in ms, or the connection that it has is lost. */
const ALIVE_MS = 2000
/** Boards that are remembered; of more the one that left longest ago is forgotten. */
const MAX_KNOWN = 1000
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

  constructor(onBoard: (board: Board) => void) {
    this.#onBoard = onBoard
  }

  /** Whether a board of this name is there, or waited for. */
  has(id: string): boolean {
    return this.#known.get(id)?.board !== undefined
  }

  /** Whether a connection from this address is a board's for certain: one of there is missed. */
  misses(address: string): boolean {
    return this.#absentAt(address).length === 1
  }

  /**
   * A connection comes from this address: a board that lost its network without a word connects anew while its old connection
   * still seems to be there. Resolves once it is known whether it is; not asked where several boards share the address.
   */
  async look(address: string): Promise<void> {
    const there = [...this.#known.values()].filter((one) => !one.hasOwnId && one.address === address)
    if (there.length === 1) await there[0]!.board?.endIfDead(ALIVE_MS)
  }

  /**
   * Makes a connection a board, or gives it to the board whose it is.
   *
   * @param ownId - What the device calls itself. Without it: the only board of this address that is missing; where none or
   *   several are, a new one, because two that are one would spoil both recordings.
   */
  connected(connection: Connection, ownId?: string): void {
    const { address } = connection
    const absent = ownId === undefined ? this.#absentAt(address) : []
    const id = ownId ?? (absent.length === 1 ? absent[0]! : this.#newId(absent))
    const known = this.#known.get(id)
    if (known) known.address = address
    if (known?.board?.connected(connection)) return
    const settings = known?.settings ?? {}
    const hasOwnId = ownId !== undefined
    const board = new Board({ id, hasOwnId, settings, connection })
    // At the end: the newest.
    this.#known.delete(id)
    this.#known.set(id, { address, settings, board, hasOwnId })
    board.once('closed', () => this.#left(id, board))
    this.#makeRoom()
    this.#onBoard(board)
  }

  /** Names of boards of this address that are not connected. */
  #absentAt(address: string): string[] {
    return [...this.#known]
      .filter(([, one]) => !one.hasOwnId && one.address === address && isAbsent(one))
      .map(([id]) => id)
  }

  /** The lowest free number. Boards of the same address that nobody waits for are no longer told apart: theirs are free. */
  #newId(absent: string[]): string {
    for (const id of absent) if (!this.#known.get(id)!.board) this.#known.delete(id)
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
