/** A view that is loaded when it is first looked at. */

import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { Failing, Loading } from '../components/states.tsx'

type Loaded =
  | { kind: 'waiting' }
  | { kind: 'there'; View: ComponentType }
  | { kind: 'failed'; error: unknown }

/** @param load - `() => import('…').then(({ TheView }) => TheView)` */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<Loaded | undefined>(undefined)
  const begin = () => {
    loaded.value = { kind: 'waiting' }
    load().then(
      (View) => {
        loaded.value = { kind: 'there', View }
      },
      (error) => {
        loaded.value = { kind: 'failed', error }
      },
    )
  }
  return function Lazy() {
    if (loaded.peek() === undefined) begin()
    const now = loaded.value
    if (now?.kind === 'there') return <now.View />
    // After an update of the server the old page asks for files that are no more.
    if (now?.kind === 'failed') return <Failing error={now.error} onRetry={() => location.reload()} />
    return <Loading />
  }
}
