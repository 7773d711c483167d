/** Tries whether the data folder takes a file, and not too often. */

import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../time.ts'
import { freeBytes } from './free-space.ts'

const PROBE_FILE = '.rollcall.probe'
/** An answer counts for so long, in ms: whoever asks often costs no more. */
const FRESH_MS = 3000
/** A disk that takes longer does not answer, in ms. */
const PATIENCE_MS = 2000

/** What was found. */
export interface DataFolderState {
  /** Why no file can be written, in the system's short words (`EROFS`); undefined when one can. */
  fault: string | undefined
  /** undefined when the system does not say. */
  freeBytes: number | undefined
}

export class DataProbe {
  readonly #dataDir: string
  readonly #clock: Clock
  #state: Promise<DataFolderState> | undefined
  #askedMs = Number.NEGATIVE_INFINITY
  /** A probe that hangs is not followed by another. */
  #probe: Promise<DataFolderState> | undefined

  constructor(options: { dataDir: string; clock: Clock }) {
    this.#dataDir = options.dataDir
    this.#clock = options.clock
  }

  /** Tries it, or gives the answer of a moment ago. Never rejects. */
  look(): Promise<DataFolderState> {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#state || nowMs - this.#askedMs >= FRESH_MS) {
      this.#askedMs = nowMs
      this.#probe ??= this.#try().finally(() => {
        this.#probe = undefined
      })
      this.#state = orInTime(this.#probe)
    }
    return this.#state
  }

  async #try(): Promise<DataFolderState> {
    const path = join(this.#dataDir, PROBE_FILE)
    const fault = await writable(path).then(
      () => undefined,
      ({ code, name }: NodeJS.ErrnoException) => code ?? name,
    )
    return { fault, freeBytes: await freeBytes(this.#dataDir) }
  }
}

async function writable(path: string): Promise<void> {
  // What lies there by another's hand must not be written through.
  await rm(path, { force: true })
  const handle = await open(path, 'wx')
  try {
    await handle.write('x')
  } finally {
    await handle.close()
    await rm(path, { force: true })
  }
}

function orInTime(probe: Promise<DataFolderState>): Promise<DataFolderState> {
  return new Promise((resolve) => {
    const late = () => resolve({ fault: `no answer within ${PATIENCE_MS} ms`, freeBytes: undefined })
    const timer = setTimeout(late, PATIENCE_MS)
    probe.then((state) => {
      clearTimeout(timer)
      resolve(state)
    })
  })
}
