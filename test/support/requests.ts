/** A script that speaks to the API of a server in this process. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from './server.ts'

export interface Api {
  origin: string
  /** With the access token. */
  ask: (path: string, init?: RequestInit) => Promise<Response>
  /** With the token that may only look. */
  askAsWatcher: (path: string, init?: RequestInit) => Promise<Response>
  /** The JSON that a request is answered with. */
  json: <T>(path: string, init?: RequestInit) => Promise<T>
  /** Sends JSON. */
  send: (method: string, path: string, body?: unknown) => Promise<Response>
}

export async function startApi(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ thumbnails: false, ...options })
  return { ...started, ...(await apiOf(started)) }
}

/** For a server that runs already. */
export async function apiOf({ port, data }: { port: number; data: string }): Promise<Api> {
  const origin = `http://127.0.0.1:${port}`
  const secrets = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  const asking =
    (token: string) =>
    (path: string, init: RequestInit = {}) =>
      fetch(`${origin}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  const ask = asking(secrets.accessToken)
  return {
    origin,
    ask,
    askAsWatcher: asking(secrets.watchToken),
    json: async <T>(path: string, init?: RequestInit) => (await ask(path, init)).json() as Promise<T>,
    send: (method, path, body) =>
      ask(path, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
  }
}
