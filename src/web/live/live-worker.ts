/** Decodes all cameras, beside the page's own thread. */

import { CameraStream } from './camera-stream.ts'
import { LATE_MS, Pace } from './pace.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const LOOK_MS = 1000
/** So often it is looked whether pictures wait too long for their decoders, in ms. */
const SHED_LOOK_MS = 120
/** One that waits longer than this, in ms, is too late: the camera that matters least leaves pictures out. */
const SHED_MS = 150

const streams = new Map<string, CameraStream>()
const pace = new Pace()
let importance: string[] = []
let isHidden = false
/** When a camera was last made to leave pictures out. */
let shedAtMs = Number.NEGATIVE_INFINITY

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

// A moment in which the machine did other things is made good within a second, and costs one camera or two a few pictures.
setInterval(() => {
  const waitingMs = Math.max(0, ...[...streams.values()].map((stream) => stream.waitingMs))
  if (waitingMs <= SHED_MS) return
  shedAtMs = performance.now()
  const last = importance.slice(1).findLast((camera) => streams.get(camera)?.canSkip)
  if (last !== undefined) streams.get(last)!.skip()
}, SHED_LOOK_MS)

setInterval(() => {
  const hasShed = performance.now() - shedAtMs <= LOOK_MS
  const worstMs = Math.max(0, ...[...streams.values()].map((stream) => stream.lateMs))
  const lateMs = hasShed ? Math.max(worstMs, LATE_MS + 1) : worstMs
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
