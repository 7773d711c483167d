/** A phone's way to its server. */

import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { RequestError } from '../errors.ts'

const RETRY_MS = 500
const HANDSHAKE_MS = 5000

export interface Connected {
  socket: WebSocket
  /** `<ip>_<port>` of this end: the id that the server gives the camera, unless an address translator is between. */
  localId: string
}

/**
 * Opens a WebSocket; while nothing answers it tries again.
 *
 * @param options.patienceMs - How long it is tried for.
 * @param options.onWaiting - Told once, when the first attempt has failed.
 * @param options.onMessage - Gets the server's texts; in place before the first can come.
 * @returns undefined when `signal` aborted it.
 * @throws {RequestError} `SERVER_UNREACHABLE` naming `--url`.
 */
export async function connectSocket(options: {
  url: string
  patienceMs: number
  signal: AbortSignal
  onWaiting?: ((reason: string) => void) | undefined
  onMessage: (text: string) => void
}): Promise<Connected | undefined> {
  const { url, patienceMs, signal, onWaiting, onMessage } = options
  const deadlineMs = performance.now() + patienceMs
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const outcome = await dial(url, signal, onMessage)
    if ('socket' in outcome) return outcome
    const { reason, answered } = outcome
    if (signal.aborted) break
    if (answered) throw new RequestError('SERVER_UNREACHABLE', `--url ${url}: the server refuses: ${reason}`)
    if (performance.now() + RETRY_MS > deadlineMs)
      throw new RequestError(
        'SERVER_UNREACHABLE',
        `--url ${url}: no server answered within ${patienceMs / 1000} s (${reason}); is \`rollcall serve\` running?`,
      )
    if (attempt === 1) onWaiting?.(reason)
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
  }
  return undefined
}

function dial(
  url: string,
  signal: AbortSignal,
  onMessage: (text: string) => void,
): Promise<Connected | { reason: string; answered: boolean }> {
  return new Promise((resolve) => {
    // permessage-deflate is offered, as OkHttp does.
    const socket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS })
    const abort = () => socket.terminate()
    signal.addEventListener('abort', abort, { once: true })
    let localId = ''
    let answered = false
    socket.on('upgrade', ({ socket: { localAddress = '', localPort } }) => {
      localId = `${localAddress.replace(/^::ffff:/, '').replaceAll(':', '-')}_${localPort}`
    })
    socket.on('message', (data, isBinary) => {
      if (!isBinary) onMessage(String(data))
    })
    socket.on('unexpected-response', (_request, response) => {
      answered = true
      resolve({ reason: `HTTP ${response.statusCode} ${response.statusMessage}`, answered })
      socket.terminate()
    })
    // Once open, an error is followed by 'close'; resolving again then does nothing.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort)
      resolve({ reason: error.message || error.code || 'no connection', answered })
    })
    socket.on('open', () => {
      signal.removeEventListener('abort', abort)
      resolve({ socket, localId })
    })
  })
}
