/** Tries whether the data folder takes a file, and not too often. */

import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../time.ts'
import { freeBytes } from './free-space.ts'

const PROBE_FILE = '.rollcall.probe'
/** An answer counts for so long, in ms: whoever asks often costs no more. */
const FRESH_MS = 3000
/** Who asks waits at most so long for a probe, in ms; what was known before is the answer then. */
const PATIENCE_MS = 2000
/** A disk that takes longer does not answer, in ms. One that is busy with pictures may take seconds. */
const NO_ANSWER_MS = 10_000

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
  #probedMs = 0
  /** Of the latest probe that ended. */
  #known: DataFolderState | undefined

  constructor(options: { dataDir: string; clock: Clock }) {
    this.#dataDir = options.dataDir
    this.#clock = options.clock
  }

  /** Tries it, or gives the answer of a moment ago. Never rejects. */
  look(): Promise<DataFolderState> {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#state || nowMs - this.#askedMs >= FRESH_MS) {
      this.#askedMs = nowMs
      this.#state = this.#inTime(this.#probe ?? this.#begin(nowMs))
    }
    return this.#state
  }

  #begin(nowMs: number): Promise<DataFolderState> {
    this.#probedMs = nowMs
    this.#probe = this.#try().then((state) => {
      this.#probe = undefined
      this.#known = state
      return state
    })
    return this.#probe
  }

  #inTime(probe: Promise<DataFolderState>): Promise<DataFolderState> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(this.#late()), PATIENCE_MS)
      probe.then((state) => {
        clearTimeout(timer)
        resolve(state)
      })
    })
  }

  /** What to say while the probe has no answer yet. */
  #late(): DataFolderState {
    const outMs = this.#clock.monotonicMs() - this.#probedMs
    if (this.#known && outMs < NO_ANSWER_MS) return this.#known
    return { fault: `no answer for ${Math.round(outMs / 1000)} s`, freeBytes: undefined }
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
