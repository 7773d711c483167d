/** Listens to `GET /api/events` for as long as the page is open, and finds the server again when it was away. */

import { batch } from '@preact/signals'
import type { RoomEvent } from '../../wire/api/events.ts'
import { api, failureIn, unreachable } from './client.ts'
import { apply, connection, connectionError, serverStartedAtMs } from './room.ts'

const TYPES: readonly RoomEvent['type'][] = [
  'snapshot',
  'clock',
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

/** A server that says nothing for so long is asked whether it is there, in ms: a cable that is pulled closes nothing. */
const SILENT_MS = 5000
const LOOK_MS = 1000
/** It must answer within this, in ms. */
const ANSWER_MS = 3000
/** After this long without a snapshot it is the same run of the server, in ms. */
const SNAPSHOT_MS = 1000

/** @param onBack - The connection was lost and is there again; `isRestarted`: by another run of the server. */
export function followRoom(onBack: (isRestarted: boolean) => void): void {
  let source: EventSource
  let again: ReturnType<typeof setTimeout> | undefined
  let back: ReturnType<typeof setTimeout> | undefined
  let heardAtMs = performance.now()

  const open = () => {
    clearTimeout(again)
    source?.close()
    source = new EventSource('/api/events')
    for (const type of TYPES) source.addEventListener(type, hear)
    source.addEventListener('open', opened)
    source.addEventListener('error', lost)
  }

  const opened = () => {
    heardAtMs = performance.now()
    if (connection.peek() !== 'lost') return
    connection.value = 'live'
    back = setTimeout(() => onBack(false), SNAPSHOT_MS)
  }

  const hear = ({ data }: MessageEvent<string>) => {
    heardAtMs = performance.now()
    const event = JSON.parse(data) as RoomEvent
    const startedBefore = serverStartedAtMs.peek()
    apply(event)
    if (event.type !== 'snapshot') return
    connection.value = 'live'
    if (startedBefore === undefined || startedBefore === event.serverStartedAtMs) return
    clearTimeout(back)
    onBack(true)
  }

  const lost = () => {
    clearTimeout(back)
    if (connection.peek() === 'live') connection.value = 'lost'
    else if (connection.peek() !== 'lost') void fail()
    // The browser tries again by itself unless the answer was no stream: signed out, or a proxy without its server.
    if (source.readyState !== EventSource.CLOSED) return
    clearTimeout(again)
    again = setTimeout(() => api('GET', '/api/cameras').then(open, open), AGAIN_MS)
  }

  /** The first connection is refused, or there is no server. */
  const fail = async () => {
    const error = await whyNot()
    if (error === undefined) return
    if (connection.peek() !== 'connecting' && connection.peek() !== 'failing') return
    batch(() => {
      connectionError.value = error
      connection.value = 'failing'
    })
  }

  const look = async () => {
    if (connection.peek() !== 'live' || performance.now() - heardAtMs < SILENT_MS) return
    // Asked once in this time.
    heardAtMs = performance.now()
    try {
      await fetch('/api/health', { signal: AbortSignal.timeout(ANSWER_MS) })
    } catch {
      if (connection.peek() !== 'live') return
      connection.value = 'lost'
      open()
    }
  }

  setInterval(look, LOOK_MS)
  addEventListener('online', open)
  addEventListener('offline', lost)
  open()
}

/** Why there are no events: the browser's listener does not tell what it was answered. undefined when there would be. */
async function whyNot(): Promise<unknown> {
  const abort = new AbortController()
  try {
    const response = await fetch('/api/events', { signal: abort.signal })
    return response.ok ? undefined : await failureIn(response)
  } catch {
    return unreachable()
  } finally {
    abort.abort()
  }
}
