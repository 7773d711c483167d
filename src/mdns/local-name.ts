/**
 * The server's name in the local network, `rollcall.local`, by multicast DNS.
 *
 * In `mdns` belongs what makes the server found by name. Nothing depends on it: without multicast the addresses go on to work.
 * It runs in a worker, so that no fault of it, or of what strangers send to its port, reaches the recordings or the terminal.
 */

import { Worker } from 'node:worker_threads'
import type { FromNameWorker, NameRequest } from './worker-messages.ts'

/** The same from src and from dist; it is made by `npm run build`. */
const WORKER = new URL('../../dist/mdns/name-worker.js', import.meta.url)
/** Saying goodbye is waited for so long, in ms. */
const GOODBYE_MS = 400
const WORKER_MEMORY_MIB = 64

export interface LocalNameOptions extends NameRequest {
  /** It is found by this name from now on, `rollcall.local` or, where that is taken, `rollcall-2.local`. */
  onName: (name: string) => void
  /** It is not found by a name: no multicast here, say. Told once. */
  onFailed: (message: string) => void
}

export class LocalName {
  readonly #options: LocalNameOptions
  #worker: Worker | undefined
  #hasFailed = false
  /** undefined while it is found by none. */
  current: string | undefined

  constructor(options: LocalNameOptions) {
    this.#options = options
  }

  /** Returns at once; what becomes of it is told. */
  open(): void {
    const { onName: _onName, onFailed: _onFailed, ...request } = this.#options
    const worker = new Worker(WORKER, {
      workerData: request satisfies NameRequest,
      // What its library prints is not for the terminal.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MIB },
    })
    this.#worker = worker
    for (const output of [worker.stdout, worker.stderr]) output.resume()
    worker.on('message', (message: FromNameWorker) => this.#told(message))
    worker.on('error', (error) => this.#failed(error.message))
    worker.on('exit', () => {
      this.current = undefined
    })
    worker.unref()
  }

  /** Takes the name back, and waits for that only shortly. May be called twice. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    if (!worker) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS)
      worker.once('exit', () => resolve())
      worker.on('message', ({ type }: FromNameWorker) => type === 'closed' && resolve())
      worker.postMessage('close')
    })
    clearTimeout(timer)
    await worker.terminate()
  }

  #told(message: FromNameWorker): void {
    if (message.type === 'failed') this.#failed(message.message)
    if (message.type !== 'name' || message.name === this.current || !this.#worker) return
    this.current = message.name
    this.#options.onName(message.name)
  }

  #failed(message: string): void {
    this.current = undefined
    if (!this.#hasFailed && this.#worker) this.#options.onFailed(message)
    this.#hasFailed = true
  }
}
