/** What cameras are called, and how that is changed. */

import { batch, computed } from '@preact/signals'
import type { CameraPatch, CameraView } from '../../wire/api/cameras.ts'
import { api, problemOf } from '../api/client.ts'
import { apply, camera, cameras, holdChange } from '../api/room.ts'
import { toast } from '../components/toasts.tsx'

/** One string, so that it changes only when a name does, and not with every figure. */
const listed = computed(() => JSON.stringify(numbered(cameras.value)))
const names = computed(() => new Map<string, string>(JSON.parse(listed.value)))

/** As it is named here, else as its holder calls it, else what the device calls itself, else its address. */
export function nameOf(camera: Named): string {
  return names.value.get(camera.id) ?? camera.name ?? ownName(camera)
}

type Named = Pick<CameraView, 'name' | 'ownName' | 'model' | 'id'>

/** Devices of one kind call themselves the same: the second and the next get a number, also when one of them gets a name. */
export function numbered(list: readonly Named[]): [id: string, name: string][] {
  const seen = new Map<string, number>()
  return list.map((one) => {
    const own = ownName(one)
    const count = (seen.get(own) ?? 0) + 1
    seen.set(own, count)
    return [one.id, one.name ?? (count === 1 ? own : `${own} (${count})`)]
  })
}

/** What it is called where no name was given here. */
function ownName({ ownName: byHolder, model, id }: Named): string {
  return byHolder ?? model ?? id
}

/** Changes a camera; shown at once, and as it was when the server refuses. */
export async function changeCamera(id: string, patch: CameraPatch): Promise<void> {
  const before = camera(id)?.peek()
  if (!before) return
  const letGo = holdChange(id, patch)
  try {
    const changed = await api<CameraView>('PATCH', `/api/cameras/${encodeURIComponent(id)}`, patch)
    letGo()
    apply({ type: 'camera', camera: changed })
  } catch (error) {
    letGo()
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
