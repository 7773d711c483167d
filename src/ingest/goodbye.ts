/** How a server leaves its WebSockets. */

import type { WebSocket } from 'ws'

/** Close code of an endpoint that goes away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001
/** How long a peer may take to answer, in ms. */
const GOODBYE_MS = 500

/** Says goodbye to all of them, and ends those that do not answer in time. Resolves once all are closed; those must not be. */
export async function sayGoodbye(open: readonly WebSocket[]): Promise<void> {
  const gone = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  for (const socket of open) socket.close(GOING_AWAY, 'the server is closing')
  const timer = setTimeout(() => {
    for (const socket of open) socket.terminate()
  }, GOODBYE_MS)
  await gone
  clearTimeout(timer)
}
