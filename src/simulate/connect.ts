/** A device's way to its server. */

import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { RequestError } from '../errors.ts'

const RETRY_MS = 500
const HANDSHAKE_MS = 5000
/** The server's own words, which say what a key is for, are shown up to this. */
const MAX_ANSWER_CHARS = 300
const CLOSE_NORMAL = 1000
/** How long the end of a connection waits for what is queued, and for the server's answer. */
const CLOSE_WAIT_MS = 5000
/** What Node says of a certificate that it does not trust, or that is not of this name, or out of its time. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/
const CERTIFICATE_HINT =
  "the certificate is not trusted, or is not for this address; for Rollcall's own start the simulator with NODE_EXTRA_CA_CERTS=<data>/.rollcall/tls/ca.pem"
/** What the server answers when there are too many connections from one address. */
const TOO_MANY = 429
const TOO_MANY_HINT = '; start the server with a higher --max-connections-per-address'

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
 * @throws {RequestError} `SERVER_UNREACHABLE` naming `--url`; `UNAUTHORIZED` when the key is missing or wrong, `TLS_FAILED`
 *   for a certificate that is not trusted.
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
    const { reason, answered, code = 'SERVER_UNREACHABLE' } = outcome
    if (signal.aborted) break
    if (answered) throw new RequestError(code, `--url ${shownUrl(url)}: the server refuses: ${reason}`)
    if (performance.now() + RETRY_MS > deadlineMs)
      throw new RequestError(
        'SERVER_UNREACHABLE',
        `--url ${shownUrl(url)}: no server answered within ${patienceMs / 1000} s (${reason}); is \`rollcall serve\` running?`,
      )
    if (attempt === 1) onWaiting?.(reason)
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
  }
  return undefined
}

/** Ends a connection once what is queued has been sent; cuts it when that takes too long. */
export async function closeSocket(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS)
  socket.close(CLOSE_NORMAL)
  await closed
  clearTimeout(timer)
}

/** An address without the key that may stand in it. */
export function shownUrl(url: string): string {
  return url.replace(/([?&]key=)[^&]*/g, '$1…')
}

/** Why there is no connection. */
interface Refused {
  reason: string
  /** Something is there: trying again would not help. */
  answered: boolean
  code?: 'UNAUTHORIZED' | 'TLS_FAILED'
}

function dial(
  url: string,
  signal: AbortSignal,
  onMessage: (text: string) => void,
): Promise<Connected | Refused> {
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
      const reason = `HTTP ${response.statusCode} ${response.statusMessage}`
      const refused = response.statusCode === 401 ? { answered, code: 'UNAUTHORIZED' as const } : { answered }
      response.setTimeout(HANDSHAKE_MS, () => socket.terminate())
      let answer = ''
      response.setEncoding('utf8').on('data', (text) => {
        answer = (answer + text).slice(0, MAX_ANSWER_CHARS)
      })
      response.on('close', () => {
        const words = answer.replaceAll(/\p{Cc}+/gu, ' ').trim()
        const hint = response.statusCode === TOO_MANY ? TOO_MANY_HINT : ''
        resolve({ ...refused, reason: (words === '' ? reason : `${reason}: ${words}`) + hint })
        socket.terminate()
      })
    })
    // Once open, an error is followed by 'close'; resolving again then does nothing.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort)
      const { message, code = '' } = error
      if (CERTIFICATE_CODE.test(code))
        resolve({ reason: `${message}: ${CERTIFICATE_HINT}`, answered: true, code: 'TLS_FAILED' })
      else resolve({ reason: message || code || 'no connection', answered })
    })
    socket.on('open', () => {
      signal.removeEventListener('abort', abort)
      resolve({ socket, localId })
    })
  })
}
