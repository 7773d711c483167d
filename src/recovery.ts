/**
 * What a crash left in the data folder: closed one folder after the other, while phones already record into new ones.
 *
 * A folder whose phone still keeps what is not on the disk waits for it for a while, as it is.
 */

import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RequestError, StorageError } from './errors.ts'
import { FILES } from './library/file-names.ts'
import { findCapture } from './library/find-capture.ts'
import { readDocument, recoverFolder } from './library/recover.ts'
import { dropUnbegun, reopenRecording } from './library/reopen.ts'
import type { Log } from './log.ts'
import type { KeptCapture } from './recording/recorder-options.ts'
import type { Known } from './seat/captures.ts'
import type { Clock } from './time.ts'

export interface RecoveryOptions {
  dataDir: string
  maxGapMs: number
  /** How long a phone is waited for, in ms since the folder's last picture. */
  resumeWindowMs: number
  clock: Clock
  log: Log
  /** stream.mp4 of this folder holds its first picture. */
  onPictures: (folder: string) => void
  /** An empty folder was removed: its phone has all of it. */
  onDropped: (id: string) => void
  /** A folder is done with. */
  onEnd: (folder: string, result: 'recovered' | 'failed') => void
}

export class Recovery {
  readonly #options: RecoveryOptions
  /** Names of folders that wait to be closed. */
  readonly #waiting = new Set<string>()
  /** By name: folders that wait for their phones. */
  readonly #held = new Map<string, { folder: string; timer: NodeJS.Timeout }>()
  #done: Promise<void> = Promise.resolve()

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Resolves once every folder that waits for no phone is closed or was reported. Never rejects. */
  get done(): Promise<void> {
    return this.#done
  }

  /** Whether a recording waits for it. */
  has(id: string): boolean {
    return this.#waiting.has(id) || this.#held.has(id)
  }

  /** Resolves once it is known which of them wait for their phones; the others are closed in the background. */
  async begin(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      const waitMs = await this.#waitMs(folder)
      if (waitMs > 0) this.#hold(folder, waitMs)
      else this.add(folder)
    }
  }

  /** Closes a folder, behind those that wait already. */
  add(folder: string): void {
    this.#waiting.add(basename(folder))
    this.#done = this.#done.then(async () => {
      const result = await this.#recover(folder)
      this.#waiting.delete(basename(folder))
      this.#options.onEnd(folder, result)
    })
  }

  /** The phone of a folder that waits for it is back. @returns Whether it did: whoever asks has it in hand now. */
  claim(id: string): boolean {
    clearTimeout(this.#held.get(id)?.timer)
    return this.#held.delete(id)
  }

  /** A phone still keeps a capture that this process does not know: an earlier one may have it on the disk. */
  async find(camera: string, { id, from }: Pick<KeptCapture, 'id' | 'from'>): Promise<Known | undefined> {
    const { dataDir, maxGapMs, resumeWindowMs, onDropped } = this.#options
    const found = await findCapture(dataDir, camera, id)
    if (!found) return undefined
    const { folder, document } = found
    if (document.state === 'closed') return { kind: 'closed', next: document.capture!.next }
    if (document.state !== 'recording' || !this.claim(document.id)) return undefined
    const begun = await reopenRecording(folder, document, maxGapMs).catch(() => undefined)
    if (begun) return { kind: 'begun', begun, giveBack: () => this.#hold(folder, resumeWindowMs) }
    if (await dropUnbegun(folder, document, from).catch(() => false)) onDropped(document.id)
    else this.add(folder)
    return undefined
  }

  /** No phone is waited for any longer. */
  endWaiting(): void {
    for (const [id, { folder }] of this.#held) if (this.claim(id)) this.add(folder)
  }

  #hold(folder: string, waitMs: number): void {
    const id = basename(folder)
    const timer = setTimeout(() => this.claim(id) && this.add(folder), waitMs).unref()
    this.#held.set(id, { folder, timer })
    this.#options.log.info({ recording: id, seconds: Math.ceil(waitMs / 1000) }, 'waits for its phone')
  }

  /** How long its phone may still take, in ms; 0 when nobody keeps anything of it. */
  async #waitMs(folder: string): Promise<number> {
    const { resumeWindowMs, clock } = this.#options
    if (!(await readDocument(folder))?.capture) return 0
    const rows = await stat(join(folder, FILES.rows)).catch(() => undefined)
    return rows ? Math.min(resumeWindowMs, rows.mtimeMs + resumeWindowMs - clock.wallMs()) : 0
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
