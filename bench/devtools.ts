/** Scripts in a page of a browser that nobody else listens to: every listener costs it work for each message of a socket. */

import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Child } from './children.ts'

/** The first page of a browser that was started with `--remote-debugging-port=0`. */
export class DevTools {
  readonly #port: string

  private constructor(port: string) {
    this.#port = port
  }

  static async of(browser: Child): Promise<DevTools> {
    return new DevTools((await browser.says(/DevTools listening on ws:\/\/[^/]*:(\d+)/))[1]!)
  }

  /**
   * Connects, runs an expression in the page and disconnects.
   *
   * @returns Its value, as JSON carries it.
   * @throws {Error} what it threw.
   */
  async run<T>(expression: string): Promise<T> {
    const listed = await fetch(`http://127.0.0.1:${this.#port}/json/list`)
    const targets = (await listed.json()) as { type: string; webSocketDebuggerUrl: string }[]
    const page = targets.find(({ type }) => type === 'page')!
    const socket = new WebSocket(page.webSocketDebuggerUrl)
    await once(socket, 'open')
    try {
      const params = { expression, awaitPromise: true, returnByValue: true }
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
      const [message] = await once(socket, 'message')
      const { result, exceptionDetails } = JSON.parse(String(message)).result
      if (exceptionDetails) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`)
      return result.value
    } finally {
      socket.close()
    }
  }
}
