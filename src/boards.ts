/** What boards have beside their recordings: pictures as files, and the consoles of those who steer them. */

import type { Config } from './config.ts'
import type { Board } from './ingest/board.ts'
import { watchAnswers } from './ingest/unanswered.ts'
import { BoardImages } from './library/board-images.ts'
import type { DiskSpace } from './library/disk-space.ts'
import { Consoles, type ConsolesOptions } from './live/consoles.ts'
import type { Repeats } from './repeats.ts'

export interface BoardDeskOptions extends ConsolesOptions {
  config: Config
  disk: DiskSpace
  repeats: Repeats
}

export class BoardDesk {
  readonly consoles: Consoles
  readonly #images: BoardImages
  readonly #disk: DiskSpace
  readonly #repeats: Repeats
  readonly #confirmMs: number

  constructor(options: BoardDeskOptions) {
    const { config, repeats, clock } = options
    this.#disk = options.disk
    this.#repeats = repeats
    this.#confirmMs = config.confirmMs
    this.consoles = new Consoles(options)
    this.#images = new BoardImages({
      dataDir: config.data,
      keep: config.espKeep,
      clock,
      onFailure: (camera, reason) =>
        repeats.line({
          level: 'warn',
          key: `images ${camera}`,
          fields: { camera },
          message: `a picture was not kept as a file: ${reason}`,
        }),
    })
  }

  /** A board has connected. */
  add(board: Board): void {
    this.consoles.add(board)
    this.#images.connected(board.id)
    watchAnswers(board, {
      withinMs: this.#confirmMs,
      onSilence: (text) => {
        const message = `did not answer in ${this.#confirmMs / 1000} s`
        this.consoles.say(board.id, `${board.id} ${message}: ${text}`)
        const key = `unanswered ${board.id}`
        this.#repeats.line({ level: 'warn', key, fields: { camera: board.id, text }, message })
      },
    })
    board.on('back', () => this.#images.connected(board.id))
    for (const event of ['packet', 'preview'] as const)
      board.on(event, ({ payload }) => {
        if (!this.#disk.isFull) this.#images.add(board.id, payload)
      })
    board.once('closed', () => this.#images.gone(board.id))
  }

  /** Resolves once every picture is on the disk. */
  async close(): Promise<void> {
    await Promise.all([this.consoles.close(), this.#images.close()])
  }
}
