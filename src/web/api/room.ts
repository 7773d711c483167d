/** The room as the server last told it, in signals. `apply` takes what `GET /api/events` sends; `stream.ts` listens. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { CameraPatch, CameraView } from '../../wire/api/cameras.ts'
import type { DiskView, RoomEvent } from '../../wire/api/events.ts'

type Snapshot = Extract<RoomEvent, { type: 'snapshot' }>

/** `connecting`: nothing has come yet. `failing`: nor could it be had; it is tried again. `lost`: it was there, and is being looked for. */
export type Connection = 'connecting' | 'failing' | 'live' | 'lost'

export const connection = signal<Connection>('connecting')
/** Why nothing could be had: while `failing`. */
export const connectionError = signal<unknown>(undefined)
/** Ids of all cameras, in the order in which they are shown. Changes only when that does. */
export const cameraIds = signal<readonly string[]>([])
export const take = signal<Snapshot['take']>(null)
export const disk = signal<DiskView | null>(null)
export const health = signal<Snapshot['health']>({ level: 'good', reasons: [] })
/** When this run of the server began, ms since 1970; undefined before the first snapshot. */
export const serverStartedAtMs = signal<number | undefined>(undefined)

const byId = new Map<string, Signal<CameraView>>()
/** The server's clock less the time since this page began, ms: nobody sets that. */
let clockAheadMs = Date.now() - performance.now()

/** All cameras, in order. A tile listens to its own camera alone: `camera(id)`. */
export const cameras: ReadonlySignal<CameraView[]> = computed(() =>
  cameraIds.value.map((id) => byId.get(id)!.value),
)

export const isRecording = computed(
  () => take.value !== null || cameras.value.some(({ state }) => state === 'recording'),
)

/** One camera; undefined when it is not there. */
export function camera(id: string): ReadonlySignal<CameraView> | undefined {
  return byId.get(id)
}

/** The server's wall clock now, ms since 1970. */
export function serverNowMs(): number {
  return performance.now() + clockAheadMs
}

/** Takes what the server tells. */
export function apply(event: RoomEvent): void {
  batch(() => took(event))
  for (const listener of listeners) listener(event)
}

function took(event: RoomEvent): void {
  switch (event.type) {
    case 'snapshot':
      clockAheadMs = event.serverTimeMs - performance.now()
      for (const id of byId.keys()) if (!event.cameras.some((one) => one.id === id)) byId.delete(id)
      for (const one of event.cameras) setCamera(one)
      setIds()
      take.value = event.take
      disk.value = event.disk
      health.value = event.health
      serverStartedAtMs.value = event.serverStartedAtMs
      break
    case 'clock':
      clockAheadMs = event.serverTimeMs - performance.now()
      break
    case 'camera':
      setCamera(event.camera)
      break
    case 'camera-gone':
      byId.delete(event.id)
      setIds()
      break
    case 'take':
      take.value = event.take
      break
    case 'disk':
      disk.value = event.disk
      break
    case 'health':
      health.value = event.health
      break
  }
}

const listeners = new Set<(event: RoomEvent) => void>()

/** Hears every event after it was applied: recordings that come, change and go, answers to commands. Call the result to stop. */
export function onRoomEvent(listener: (event: RoomEvent) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** By camera: what was asked of the server and is not answered yet, the oldest first. */
const asked = new Map<string, CameraPatch[]>()

/**
 * Shows a change that the server is asked for, over all that it tells until then: that may be from before. Call the result when the
 * answer is there.
 */
export function holdChange(id: string, patch: CameraPatch): () => void {
  asked.set(id, [...(asked.get(id) ?? []), patch])
  const now = camera(id)?.peek()
  if (now) apply({ type: 'camera', camera: now })
  return () => {
    const left = asked.get(id)?.filter((one) => one !== patch) ?? []
    if (left.length > 0) asked.set(id, left)
    else asked.delete(id)
  }
}

function setCamera(told: CameraView): void {
  const next: CameraView = Object.assign({ ...told }, ...(asked.get(told.id) ?? []))
  const known = byId.get(next.id)
  if (!known) byId.set(next.id, signal(next))
  else {
    const isMoved = known.peek().order !== next.order
    known.value = next
    if (!isMoved) return
  }
  setIds()
}

function setIds(): void {
  const orderOf = (id: string) => byId.get(id)!.peek().order
  const ids = [...byId.keys()].sort((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1))
  const before = cameraIds.peek()
  if (ids.length !== before.length || ids.some((id, i) => id !== before[i])) cameraIds.value = ids
}
