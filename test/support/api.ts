/** A real server and who asks it over HTTP, with the tokens that it made. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { EventListener } from './events.ts'
import { startServer } from './server.ts'

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what comes is for the test to look at.
  body: any
}

/** Starts a server; `ask` speaks with the access token. */
export async function startApi(options: Partial<Config> = {}) {
  const started = await startServer({ thumbnails: false, stopWaitMs: 0, ...options })
  const { port, data } = started
  const tokens = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8')) as Record<
    'accessToken' | 'watchToken' | 'cameraKey',
    string
  >
  const ask = async (route: string, body?: unknown, token = tokens.accessToken): Promise<Answer> => {
    const [method, path] = route.split(' ') as [string, string]
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const listen = (lastId?: string, token = tokens.accessToken) =>
    EventListener.open(port, {
      authorization: `Bearer ${token}`,
      ...(lastId !== undefined && { 'last-event-id': lastId }),
    })
  return { ...started, ...tokens, ask, listen }
}
