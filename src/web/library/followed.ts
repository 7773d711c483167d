/** One recording or take that is open, kept as the server last told it. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RecordingSummary, TakeView } from '../../wire/api/recordings.ts'
import { api, RequestFailed } from '../api/client.ts'
import { onRoomEvent, take as runningTake } from '../api/room.ts'
import { onRecording, onReload, pathOf, recordings } from './library-store.ts'
import { withRecordings } from './listing.ts'

export type Followed<T> =
  | { kind: 'loading' }
  | { kind: 'there'; it: T }
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown; retry: () => void }

/** A recording: from the list when it is there, and from the server. */
export function useRecording(id: string): Followed<RecordingSummary> {
  const known = recordings.peek().find((one) => one.id === id)
  const state = useSignal<Followed<RecordingSummary>>(
    known ? { kind: 'there', it: known } : { kind: 'loading' },
  )
  useEffect(() => {
    const ask = () =>
      api<RecordingSummary>('GET', pathOf(id)).then(
        (it) => {
          state.value = { kind: 'there', it }
        },
        (error) => {
          state.value = failureOf(error, ask)
        },
      )
    if (!known) void ask()
    const stopReloading = onReload(() => void ask())
    const stopHearing = onRecording((changed, recording) => {
      if (changed !== id) return
      state.value = recording ? { kind: 'there', it: recording } : { kind: 'gone' }
    })
    return () => {
      stopReloading()
      stopHearing()
    }
  }, [id])
  return state.value
}

/** A take with all its recordings; `undefined` has none. */
export function useTake(id: string | null): Followed<TakeView> {
  const state = useSignal<Followed<TakeView>>({ kind: 'loading' })
  useEffect(() => {
    if (id === null) return undefined
    const ask = () =>
      api<TakeView>('GET', `/api/takes/${encodeURIComponent(id)}`).then(
        (it) => {
          state.value = { kind: 'there', it }
        },
        (error) => {
          state.value = failureOf(error, ask)
        },
      )
    void ask()
    const stopReloading = onReload(() => void ask())
    const stopHearing = onRecording((changed, recording) => {
      const now = state.peek()
      if (now.kind !== 'there') {
        if (now.kind === 'gone' && recording?.take === id) void ask()
        return
      }
      const left = now.it.recordings.filter((one) => one.id !== changed)
      if (!recording && left.length === now.it.recordings.length) return
      if (recording && recording.take !== id) return
      const all = recording ? [...left, recording].sort((a, b) => a.startedAtMs - b.startedAtMs) : left
      const it = withRecordings(now.it, all, runningTake.peek()?.id === id)
      state.value = it ? { kind: 'there', it } : { kind: 'gone' }
    })
    const stopFollowing = onRoomEvent(({ type }) => {
      const now = state.peek()
      // It has ended: of one without recordings nothing is left.
      if (type !== 'take' || now.kind !== 'there' || runningTake.peek()?.id === id) return
      const it = withRecordings(now.it, now.it.recordings, false)
      state.value = it ? { kind: 'there', it } : { kind: 'gone' }
    })
    return () => {
      stopReloading()
      stopHearing()
      stopFollowing()
    }
  }, [id])
  return state.value
}

function failureOf<T>(error: unknown, retry: () => void): Followed<T> {
  if (error instanceof RequestFailed && error.status === 404) return { kind: 'gone' }
  return { kind: 'failed', error, retry }
}
