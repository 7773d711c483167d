/** Listens to `GET /api/events` for as long as the page is open, and finds the server again when it was away. */

import type { RoomEvent } from '../../wire/api/events.ts'
import { api } from './client.ts'
import { apply, connection, serverStartedAtMs } from './room.ts'

const TYPES: readonly RoomEvent['type'][] = [
  'snapshot',
  'camera',
  'camera-gone',
  'take',
  'command',
  'recording',
  'recording-gone',
  'disk',
  'health',
]
/** How long after an end that the browser takes for final, in ms. */
const AGAIN_MS = 1000

/** @param onBack - The connection was lost and is there again; `isRestarted`: by another run of the server. */
export function followRoom(onBack: (isRestarted: boolean) => void): void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined

  const open = () => {
    clearTimeout(timer)
    source?.close()
    source = new EventSource('/api/events')
    for (const type of TYPES) source.addEventListener(type, hear)
    source.addEventListener('error', lost)
  }

  const hear = ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as RoomEvent
    const startedBefore = serverStartedAtMs.peek()
    const wasLost = connection.peek() === 'lost'
    apply(event)
    connection.value = 'live'
    if (wasLost) onBack(event.type === 'snapshot' && event.serverStartedAtMs !== startedBefore)
  }

  const lost = () => {
    if (connection.peek() === 'live') connection.value = 'lost'
    // The browser tries again by itself unless the answer was no stream: signed out, or a proxy without its server.
    if (source.readyState !== EventSource.CLOSED) return
    clearTimeout(timer)
    timer = setTimeout(() => api('GET', '/api/settings').then(open, open), AGAIN_MS)
  }

  addEventListener('online', () => open())
  addEventListener('offline', lost)
  open()
}
