/** What cameras are called, and how that is changed. */

import { batch } from '@preact/signals'
import type { CameraPatch, CameraView } from '../../wire/api/cameras.ts'
import { api, problemOf } from '../api/client.ts'
import { apply, camera, cameras } from '../api/room.ts'
import { toast } from '../components/toasts.tsx'

/** As a person named it, else what the device calls itself, else its address. */
export function nameOf({ name, model, id }: Pick<CameraView, 'name' | 'model' | 'id'>): string {
  return name ?? model ?? id
}

/** Changes a camera; shown at once, and as it was when the server refuses. */
export async function changeCamera(id: string, patch: CameraPatch): Promise<void> {
  const before = camera(id)?.peek()
  if (!before) return
  apply({ type: 'camera', camera: { ...before, ...patch } as CameraView })
  try {
    apply({
      type: 'camera',
      camera: await api<CameraView>('PATCH', `/api/cameras/${encodeURIComponent(id)}`, patch),
    })
  } catch (error) {
    apply({ type: 'camera', camera: before })
    toast({ kind: 'red', text: problemOf(error) })
  }
}

/** Changes places with the camera before or behind it. */
export async function moveCamera(id: string, by: -1 | 1): Promise<void> {
  const ids = cameras.peek().map((one) => one.id)
  const at = ids.indexOf(id)
  const other = ids[at + by]
  if (at < 0 || other === undefined) return
  ids[at] = other
  ids[at + by] = id
  // Those that nobody has placed share one place: all get theirs.
  const moved = ids.flatMap((one, order) => (camera(one)!.peek().order === order ? [] : [{ one, order }]))
  await batch(() => Promise.all(moved.map(({ one, order }) => changeCamera(one, { order }))))
}
