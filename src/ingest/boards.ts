/** Which board is which: they say nothing of themselves when they connect. */

import type { BoardLine, BoardSettings } from '../wire/board.ts'
import { Board } from './board.ts'
import type { Connection } from './connection.ts'
import type { Tell } from './front-door.ts'

/** A board whose address connects anew must give a sign of life within this, in ms, or the connection that it has is lost. */
const ALIVE_MS = 2000
/** Boards that are remembered; of more the one that left longest ago is forgotten. */
const MAX_KNOWN = 1000
/** Of so many that left, those that did so last, the lines are kept. */
const MAX_LOGS = 32

interface Known {
  /** Where it connected from last. */
  address: string
  settings: BoardSettings
  lines: BoardLine[]
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

  /** Whether a connection from this address is a board's for certain: the only one of there is missed. */
  misses(address: string): boolean {
    const [only, ...others] = this.#at(address)
    return only !== undefined && others.length === 0 && isAbsent(only[1])
  }

  /**
   * A connection comes from this address: a board that lost its network without a word connects anew while its old connection
   * still seems to be there. Resolves once it is known which boards are.
   */
  async look(address: string): Promise<void> {
    await Promise.all(this.#at(address).map(([, { board }]) => board?.endIfDead(ALIVE_MS)))
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
    const { settings = {}, lines = [] } = known ?? {}
    const hasOwnId = ownId !== undefined
    // Of two that are missing nobody can tell which one comes.
    const mayReturn = () => hasOwnId || this.#absentAt(address).length === 1
    const board = new Board({ id, hasOwnId, settings, lines, mayReturn, connection })
    // At the end: the newest.
    this.#known.delete(id)
    this.#known.set(id, { address, settings, lines, board, hasOwnId })
    board.once('closed', () => this.#left(id, board))
    this.#makeRoom()
    this.#onBoard(board)
    if (hasOwnId || this.#at(address).length === 1) return
    const message =
      'one of several boards without a name at this address: when two are lost at once, neither is known again; give each ?id=NAME'
    this.#tell({ level: 'warn', key: `boards ${address}`, fields: { camera: id, address }, message })
  }

  /** Those without a name of their own that came from this address. */
  #at(address: string): [id: string, known: Known][] {
    return [...this.#known].filter(([, one]) => !one.hasOwnId && one.address === address)
  }

  /** Names of boards of this address that are not connected. */
  #absentAt(address: string): string[] {
    return this.#at(address).flatMap(([id, one]) => (isAbsent(one) ? [id] : []))
  }

  /** The lowest free number. Those that are missing cannot be told apart any more, whichever comes: theirs are free. */
  #newId(absent: string[]): string {
    for (const id of absent) {
      this.#known.get(id)!.board?.leave()
      this.#known.delete(id)
    }
    let n = 1
    while (this.#known.has(`esp-${n}`)) n += 1
    return `esp-${n}`
  }

  #left(id: string, board: Board): void {
    const known = this.#known.get(id)
    if (known?.board !== board) return
    known.board = undefined
    // At the end: it left last.
    this.#known.delete(id)
    this.#known.set(id, known)
    const left = [...this.#known.values()].filter((one) => !one.board)
    for (const { lines } of left.slice(0, -MAX_LOGS)) lines.length = 0
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
