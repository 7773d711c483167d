/** Starts load generators and gathers what they sent. */

import { Module } from './children.ts'
import type { LoadAccount, LoadJob, LoadMessage } from './load.ts'

/** The phones begin this long after all are told to, in ms: at one moment in all processes. */
const LEAD_MS = 300

/** Phones that are connected and wait. */
export class Load {
  readonly #modules: Module<LoadMessage>[]

  private constructor(modules: Module<LoadMessage>[]) {
    this.#modules = modules
  }

  /** Connects `job.cameras` phones of as many processes as said. */
  static async connect(job: Omit<LoadJob, 'share'>, processes: number): Promise<Load> {
    const modules = Array.from({ length: processes }, (_, index) => {
      const cameras = Math.floor((job.cameras + index) / processes)
      return new Module<LoadMessage>('./load.ts', { ...job, cameras, share: { index, of: processes } })
    })
    const load = new Load(modules)
    try {
      for (const module of modules) await module.next()
    } catch (error) {
      load.end()
      throw error
    }
    return load
  }

  /** Sends everything and hangs up; resolves when the server has closed all connections. */
  async run(): Promise<LoadAccount> {
    const atMs = Date.now() + LEAD_MS
    for (const module of this.#modules) module.send(atMs)
    const accounts: LoadAccount[] = []
    try {
      for (const module of this.#modules) {
        const message = await module.next()
        if (message.kind === 'done') accounts.push(message.account)
      }
    } catch (error) {
      this.end()
      throw error
    }
    const sum = (key: 'pictures' | 'bytes') => accounts.reduce((total, account) => total + account[key], 0)
    const most = (key: 'seconds' | 'lateMs' | 'waitingBytes') =>
      Math.max(...accounts.map((account) => account[key]))
    return {
      cameras: accounts.flatMap(({ cameras }) => cameras),
      pictures: sum('pictures'),
      bytes: sum('bytes'),
      seconds: most('seconds'),
      lateMs: most('lateMs'),
      waitingBytes: most('waitingBytes'),
    }
  }

  end(): void {
    for (const module of this.#modules) module.kill()
  }
}
