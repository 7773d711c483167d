/** A real browser, Chromium, driven over its DevTools protocol. */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { temporaryFolder } from './folders.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
export const hasBrowser = CHROMIUM !== undefined

/** One page in a browser of its own. */
export class Browser {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  #sent = 0
  #session: string | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const { id, result, error } = JSON.parse(String(data))
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) waiting?.reject(new Error(error.message))
      else waiting?.resolve(result as never)
    })
  }

  /** Opens a page at `url`, in a language such as `zh-CN`. */
  static async open(url: string, language = 'en-US'): Promise<Browser> {
    const profile = await temporaryFolder()
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      '--window-size=900,700',
    ]
    const child = spawn(CHROMIUM!, [
      ...flags,
      `--user-data-dir=${profile}`,
      `--accept-lang=${language}`,
      '--remote-debugging-port=0',
      'about:blank',
    ])
    const ended = new Promise((resolve) => child.once('close', resolve))
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (data) => {
        said += data
        const match = /DevTools listening on (ws:\S+)/.exec(said)
        if (match) resolve(match[1]!)
      })
      child.once('close', () => reject(new Error(`the browser ended: ${said}`)))
    })
    const socket = new WebSocket(address)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const browser = new Browser(socket)
    const { targetId } = await browser.call<{ targetId: string }>('Target.createTarget', { url })
    const { sessionId } = await browser.call<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    })
    browser.#session = sessionId
    return browser
  }

  call<T>(method: string, params: object = {}): Promise<T> {
    this.#sent += 1
    const id = this.#sent
    const sessionId = this.#session
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }))
    return new Promise<T>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** The value of an expression in the page. */
  async run<T>(expression: string): Promise<T> {
    const { result } = await this.call<{ result: { value: T } }>('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })
    return result.value
  }
}
