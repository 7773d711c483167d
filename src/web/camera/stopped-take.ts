/**
 * The take that a person stopped on this phone: kept in the phone's own store, so that a page that is opened anew is not started for
 * it again.
 */

import { openFile, readFile } from './store-file.ts'

const FILE = 'rollcall-stopped.json'

export interface Stopped {
  take: string
  /** By this device's clock, ms since 1970. */
  atMs: number
}

export class StoppedTake {
  #now: Stopped | undefined
  #written: Promise<void> = Promise.resolve()

  private constructor(now: Stopped | undefined) {
    this.#now = now
  }

  /** With what an earlier page has left; never rejects. */
  static async open(): Promise<StoppedTake> {
    try {
      const text = new TextDecoder().decode(await readFile(await navigator.storage.getDirectory(), FILE))
      return new StoppedTake(JSON.parse(text) ?? undefined)
    } catch {
      return new StoppedTake(undefined)
    }
  }

  get now(): Stopped | undefined {
    return this.#now
  }

  /** undefined: none any more. */
  set(stopped: Stopped | undefined): void {
    if (!stopped && !this.#now) return
    this.#now = stopped
    this.#written = this.#written
      .then(async () => {
        const file = await openFile(await navigator.storage.getDirectory(), FILE)
        file.truncate(0)
        file.write(new TextEncoder().encode(JSON.stringify(stopped ?? null)), { at: 0 })
        file.close()
      })
      // Without a store it holds as long as this page is open.
      .catch(() => {})
  }
}
