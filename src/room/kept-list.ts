/** A list that outlives the server: one file in `<data>/.rollcall/`. */

import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeOwnFolder } from '../http/secrets.ts'
import { readText, saveAtomically } from '../library/atomic-file.ts'
import type { Log } from '../log.ts'

const VERSION = 1

export interface KeptListOptions<Item> {
  dataDir: string
  log: Log
  /** `cameras.json` */
  file: string
  /** What the list is called in the file. */
  key: string
  item: z.ZodType<Item>
  /** For people, as in `the names of cameras`. */
  what: string
}

export class KeptList<Item> {
  readonly #options: KeptListOptions<Item>
  #saving: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(options: KeptListOptions<Item>) {
    this.#options = options
  }

  /** Reads it. A file that cannot be read is set aside with a warning, for whoever wants to mend it. Never rejects. */
  async read(): Promise<Item[]> {
    const { dataDir, file, key, item, log, what } = this.#options
    const folder = join(dataDir, '.rollcall')
    const path = join(folder, file)
    try {
      const content = JSON.parse(await readText(path))
      z.object({ version: z.literal(VERSION) }).parse(content)
      return z.array(item).parse(content[key])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      const aside = `${file}.unreadable`
      const isAside = await rename(path, join(folder, aside)).then(
        () => true,
        () => false,
      )
      const kept = isAside ? `; the file is kept as ${aside}` : ''
      log.warn('%s in %s cannot be read and begin anew%s', what, path, kept)
      return []
    }
  }

  /**
   * Writes what `items` gives when its turn comes; calls that come meanwhile share the next write.
   *
   * Rejects with the system's error.
   */
  save(items: () => readonly Item[]): Promise<void> {
    if (!this.#saving) {
      this.#saving = this.#write(items()).finally(() => {
        this.#saving = undefined
      })
      return this.#saving
    }
    this.#next ??= this.#saving
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.save(items)
      })
    return this.#next
  }

  /** Resolves once nothing is being written. */
  async idle(): Promise<void> {
    while (this.#saving || this.#next) await Promise.allSettled([this.#saving, this.#next])
  }

  async #write(items: readonly Item[]): Promise<void> {
    const { dataDir, file, key } = this.#options
    const folder = await makeOwnFolder(dataDir)
    await saveAtomically(
      folder,
      file,
      `${JSON.stringify({ version: VERSION, [key]: items }, null, 2)}\n`,
      0o600,
    )
  }
}
