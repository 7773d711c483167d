/** Decodes all cameras, beside the page's own thread. */

import { CameraStream } from './camera-stream.ts'
import { Pace } from './pace.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const LOOK_MS = 1000

const streams = new Map<string, CameraStream>()
const pace = new Pace()
let importance: string[] = []
let isHidden = false

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'watch':
      streams.get(data.camera)?.close()
      streams.set(
        data.camera,
        new CameraStream(data.camera, data.url, data.target, () => report(data.camera)),
      )
      break
    case 'unwatch':
      streams.get(data.camera)?.close()
      streams.delete(data.camera)
      break
    case 'reconnect':
      for (const stream of streams.values()) stream.reconnect()
      break
    case 'importance':
      importance = data.cameras
      isHidden = data.isHidden
      break
  }
  setPaces()
})

setInterval(() => {
  const lateMs = Math.max(0, ...[...streams.values()].map((stream) => stream.lateMs))
  // A hidden page's timers rest: what is late then says nothing of the machine.
  if (!isHidden) pace.update(performance.now(), lateMs, importance.filter(isBusy))
  setPaces()
  report()
}, LOOK_MS)

function setPaces(): void {
  for (const [camera, stream] of streams) stream.setPace(pace.slow.has(camera), isHidden)
}

/** Whether slowing it down would spare, or has spared, any work. */
function isBusy(camera: string): boolean {
  const stream = streams.get(camera)
  return stream !== undefined && (pace.slow.has(camera) || stream.isFed)
}

/** @param camera - All when left out. */
function report(camera?: string): void {
  const told = camera === undefined ? [...streams.values()] : [streams.get(camera)].filter((one) => !!one)
  const message: FromWorker = { type: 'status', statuses: told.map((stream) => stream.status()) }
  postMessage(message)
}
