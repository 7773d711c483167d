/** What a crash left in the data folder: closed one folder after the other, while phones already record into new ones. */

import { basename } from 'node:path'
import { RequestError, StorageError } from './errors.ts'
import { recoverFolder } from './library/recover.ts'
import type { Log } from './log.ts'

export interface RecoveryOptions {
  maxGapMs: number
  log: Log
  /** stream.mp4 of this folder holds its first picture. */
  onPictures: (folder: string) => void
  /** A folder is done with. */
  onEnd: (folder: string, result: 'recovered' | 'failed') => void
}

export class Recovery {
  readonly #options: RecoveryOptions
  /** Names of folders that wait. */
  readonly #waiting = new Set<string>()
  #done: Promise<void> = Promise.resolve()

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Resolves once every folder is closed or was reported. Never rejects. */
  get done(): Promise<void> {
    return this.#done
  }

  /** Whether a recording waits for it. */
  has(id: string): boolean {
    return this.#waiting.has(id)
  }

  begin(folders: readonly string[]): void {
    for (const folder of folders) this.#waiting.add(basename(folder))
    this.#done = this.#recoverAll(folders)
  }

  async #recoverAll(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      const result = await this.#recover(folder)
      this.#waiting.delete(basename(folder))
      this.#options.onEnd(folder, result)
    }
  }

  async #recover(folder: string): Promise<'recovered' | 'failed'> {
    const { maxGapMs, log, onPictures } = this.#options
    try {
      const { document, cutBytes } = await recoverFolder(folder, maxGapMs)
      const { id, pictures, durationMs } = document
      log.info(
        { recording: id, pictures, seconds: durationMs / 1000, ...(cutBytes > 0 && { cutBytes }) },
        'recovered',
      )
      if (pictures > 0) onPictures(folder)
      return 'recovered'
    } catch (error) {
      const known = error instanceof StorageError || error instanceof RequestError
      const fields = known ? { code: error.code } : { err: error }
      log.error(fields, 'not recovered: %s', (error as Error).message)
      return 'failed'
    }
  }
}
