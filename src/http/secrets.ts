/**
 * The keys of the house, made at first start and kept in `<data>/.rollcall/access.json`.
 *
 * `rollcall token --rotate` may write the file while a server runs: the server looks at it again before it trusts what it knows.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import { RequestError, StorageError } from '../errors.ts'
import { readText, saveAtomically } from '../library/atomic-file.ts'

/** What belongs to the server and is no recording; in the data folder. */
const OWN_FOLDER = '.rollcall'
const FILE = 'access.json'
/** 256 bits cannot be guessed, whatever the rate. */
const SECRET_BYTES = 32
/** A disk that hangs must not hang every request: after this long, in ms, what is known counts. */
const LOOK_MS = 250

const secret = z.string().regex(/^[\w-]{43}$/)
const contentSchema = z.object({
  version: z.literal(1),
  /** Opens everything to people and scripts. */
  accessToken: secret,
  /** Opens what only reads. */
  watchToken: secret,
  /** Lets cameras in from everywhere. */
  cameraKey: secret,
  /** Signs cookies; never leaves this file. */
  cookieKey: secret,
})

export type SecretsContent = Omit<z.infer<typeof contentSchema>, 'version' | 'accessToken'> & {
  /** As it is in the file, or as `ROLLCALL_TOKEN` says. */
  accessToken: string
}

/** What `renew` makes anew. */
const RENEWABLE = ['accessToken', 'watchToken', 'cameraKey'] as const

export type Renewable = (typeof RENEWABLE)[number]

export class Secrets {
  readonly #dataDir: string
  readonly #accessToken: string
  readonly #onProblem: (message: string) => void
  readonly #onRenewed: (which: Renewable[]) => void
  #known: SecretsContent | undefined
  /** Which version of the file is known. */
  #stamp = ''
  #problem = ''
  #looking: Promise<void> | undefined

  /**
   * @param options.accessToken - Comes before the one in the file; empty: that one.
   * @param options.onProblem - Told of modes that let others read, and of a file that cannot be read any more; each once.
   * @param options.onRenewed - Told what another process made anew, at the next look at the file.
   */
  constructor(options: {
    dataDir: string
    accessToken: string
    onProblem: (message: string) => void
    onRenewed?: (which: Renewable[]) => void
  }) {
    this.#dataDir = options.dataDir
    this.#accessToken = options.accessToken
    this.#onProblem = options.onProblem
    this.#onRenewed = options.onRenewed ?? (() => {})
  }

  /**
   * Reads the file, or makes it. The data folder must be there.
   *
   * @throws {StorageError} when it can be neither read nor made.
   * @throws {RequestError} `ACCESS_FILE_INVALID` when it holds something else.
   */
  async open(): Promise<SecretsContent> {
    try {
      await makeOwnFolder(this.#dataDir)
      await this.#reportLooseModes()
      const text = await readText(this.#path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        return undefined
      })
      if (text === undefined) await this.#save(newContent())
      else this.#take(text)
      this.#stamp = await this.#readStamp()
    } catch (cause) {
      if (cause instanceof RequestError) throw cause
      throw new StorageError(
        'STORAGE_FAILED',
        `the tokens in ${this.#path} cannot be read or made: ${(cause as Error).message}`,
        { cause },
      )
    }
    return this.#known!
  }

  /** What counts now: the file is looked at again; while it cannot be read, what was known counts on. */
  async current(): Promise<SecretsContent> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    const limit = new AbortController()
    const late = after(LOOK_MS, undefined, { signal: limit.signal }).catch(() => {})
    await Promise.race([this.#looking, late])
    limit.abort()
    return this.#known!
  }

  /** What is known without a look at the file. */
  get known(): SecretsContent {
    return this.#known!
  }

  /** Makes some of them anew. `open` first. */
  async renew(which: readonly Renewable[]): Promise<SecretsContent> {
    const { accessToken } = contentSchema.parse(JSON.parse(await readText(this.#path)))
    const fresh = Object.fromEntries(which.map((name) => [name, newSecret()]))
    await this.#save({ ...this.#known!, accessToken, ...fresh })
    return this.#known!
  }

  get #path(): string {
    return join(this.#dataDir, OWN_FOLDER, FILE)
  }

  async #look(): Promise<void> {
    try {
      const stamp = await this.#readStamp()
      if (stamp === this.#stamp) return
      const before = this.#known!
      this.#take(await readText(this.#path))
      this.#stamp = stamp
      this.#problem = ''
      const renewed = RENEWABLE.filter((name) => this.#known![name] !== before[name])
      if (renewed.length > 0) this.#onRenewed(renewed)
    } catch (error) {
      const message = `the tokens are not read again, those known go on to count: ${(error as Error).message}`
      if (message !== this.#problem) this.#onProblem(message)
      this.#problem = message
    }
  }

  /** Another file after each atomic write. */
  async #readStamp(): Promise<string> {
    const { ino, mtimeMs, size } = await stat(this.#path)
    return `${ino} ${mtimeMs} ${size}`
  }

  #take(text: string): void {
    let content: z.infer<typeof contentSchema>
    try {
      content = contentSchema.parse(JSON.parse(text))
    } catch {
      // Not why: what parsers say quotes what they read.
      throw new RequestError(
        'ACCESS_FILE_INVALID',
        `${this.#path} is not what Rollcall wrote: remove it, and new tokens are made`,
      )
    }
    this.#know(content)
  }

  #know({ accessToken, watchToken, cameraKey, cookieKey }: SecretsContent): void {
    this.#known = { accessToken: this.#accessToken || accessToken, watchToken, cameraKey, cookieKey }
  }

  async #save(content: SecretsContent): Promise<void> {
    const { accessToken, watchToken, cameraKey, cookieKey } = content
    const file = { version: 1, accessToken, watchToken, cameraKey, cookieKey }
    await saveAtomically(join(this.#dataDir, OWN_FOLDER), FILE, `${JSON.stringify(file, null, 2)}\n`, 0o600)
    this.#know(content)
  }

  async #reportLooseModes(): Promise<void> {
    const folder = join(this.#dataDir, OWN_FOLDER)
    for (const [path, mode] of [
      [folder, 0o700],
      [this.#path, 0o600],
    ] as const) {
      const found = await stat(path).catch(() => undefined)
      if (!found || (found.mode & 0o777 & ~mode) === 0) continue
      this.#onProblem(
        `others may read ${path} (mode ${(found.mode & 0o777).toString(8)}): it is set to ${mode.toString(8)}; if somebody may have looked, run: rollcall token --rotate`,
      )
      await chmod(path, mode)
    }
  }
}

/**
 * The folder for what belongs to the server, for its eyes only. Never makes the data folder: one that was removed or renamed
 * would come back empty, and look sound.
 *
 * @returns Its path.
 */
export async function makeOwnFolder(dataDir: string, ...below: string[]): Promise<string> {
  let path = dataDir
  for (const name of [OWN_FOLDER, ...below]) {
    path = join(path, name)
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return path
}

/** Compares in a time that says nothing of where they differ: digests have one length. */
export function isSameSecret(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(one!, other!)
}

function newContent(): SecretsContent {
  return {
    accessToken: newSecret(),
    watchToken: newSecret(),
    cameraKey: newSecret(),
    cookieKey: newSecret(),
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}
