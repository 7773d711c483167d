/** `<data>/.rollcall/cameras.json`: the profiles of cameras over restarts. */

import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeOwnFolder } from '../http/secrets.ts'
import { saveAtomically } from '../library/atomic-file.ts'
import type { Log } from '../log.ts'
import { type Profile, profileSchema } from './profiles.ts'

const FILE = 'cameras.json'
/** A file that cannot be read is kept under this name, for whoever wants to mend it. */
const ASIDE = 'cameras.json.unreadable'

const fileSchema = z.object({ version: z.literal(1), profiles: z.array(profileSchema) })

export class ProfileFile {
  readonly #dataDir: string
  readonly #log: Log
  #saving: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(options: { dataDir: string; log: Log }) {
    this.#dataDir = options.dataDir
    this.#log = options.log
  }

  /** Reads it. One that cannot be read is set aside with a warning. Never rejects. */
  async read(): Promise<Profile[]> {
    const path = join(this.#dataDir, '.rollcall', FILE)
    try {
      return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).profiles
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      const isAside = await rename(path, join(this.#dataDir, '.rollcall', ASIDE)).then(
        () => true,
        () => false,
      )
      this.#log.warn(
        'the names of cameras in %s cannot be read and begin anew%s',
        path,
        isAside ? `; the file is kept as ${ASIDE}` : '',
      )
      return []
    }
  }

  /**
   * Writes what `profiles` gives when its turn comes; calls that come meanwhile share the next write.
   *
   * Rejects with the system's error.
   */
  save(profiles: () => readonly Profile[]): Promise<void> {
    if (!this.#saving) {
      this.#saving = this.#write(profiles()).finally(() => {
        this.#saving = undefined
      })
      return this.#saving
    }
    this.#next ??= this.#saving
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.save(profiles)
      })
    return this.#next
  }

  /** Resolves once nothing is being written. */
  async idle(): Promise<void> {
    while (this.#saving || this.#next) await Promise.allSettled([this.#saving, this.#next])
  }

  async #write(profiles: readonly Profile[]): Promise<void> {
    const folder = await makeOwnFolder(this.#dataDir)
    const text = `${JSON.stringify({ version: 1, profiles }, null, 2)}\n`
    await saveAtomically(folder, FILE, text, 0o600)
  }
}
