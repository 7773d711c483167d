/** The worker of the camera page: films, keeps and sends beside the page's own thread. */

import { otherCodecs } from './ability.ts'
import { Engine } from './engine.ts'
import { firstSupported } from './film.ts'
import { KeptStore } from './kept-store.ts'
import { Outbox } from './outbox.ts'
import { StoppedTake } from './stopped-take.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** The newest page has the camera. */
const CAMERA_LOCK = 'rollcall-camera'
/** Held by the page that has the store's files open. */
const STORE_LOCK = 'rollcall-store'
/** An older page may take so long to give the store away, in ms; one that is frozen is not waited for. */
const GIVE_WAY_MS = 3000
/** Asked for to learn whether there is H.264 at all. */
const PROBE = { width: 640, height: 480, fps: 30, bitrate: 1_000_000 }

let engine: Promise<Engine | undefined> = Promise.resolve(undefined)

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'open') engine = begin(data)
  // What came before the engine was ready waits for it, in order.
  else void engine.then((ready) => (ready ? ready.hears(data) : leave(data)))
})

async function begin(open: Extract<ToWorker, { type: 'open' }>): Promise<Engine | undefined> {
  const unable = await whyUnable()
  if (unable) {
    post({ type: 'unable', ...unable })
    return undefined
  }
  const camera = await hold(CAMERA_LOCK, { steal: true })
  const store = await hold(STORE_LOCK, { signal: AbortSignal.timeout(GIVE_WAY_MS) }).catch(() =>
    hold(STORE_LOCK, { steal: true }),
  )
  const outbox = new Outbox({ store: await KeptStore.open(), memoryBytes: open.memoryBytes })
  await outbox.restore()
  const begun = new Engine({ open, outbox, stopped: await StoppedTake.open(), post })
  void camera.lost.then(() => begun.replaced()).then(store.release)
  return begun
}

interface Held {
  /** Resolves when a newer page has taken it. */
  lost: Promise<void>
  release: () => void
}

/** Takes a lock, and keeps it. */
function hold(name: string, options: LockOptions): Promise<Held> {
  return new Promise((resolve, reject) => {
    let release = () => {}
    const kept = new Promise<void>((done) => {
      release = done
    })
    const held = navigator.locks.request(name, options, () => {
      resolve({ lost, release })
      return kept
    })
    const lost = held.then(
      () => {},
      (error) => reject(error),
    )
  })
}

async function whyUnable(): Promise<Omit<Extract<FromWorker, { type: 'unable' }>, 'type'> | undefined> {
  if (typeof VideoEncoder === 'undefined' || typeof VideoFrame === 'undefined')
    return { reason: 'no-webcodecs', codecs: [] }
  if (await firstSupported(PROBE)) return undefined
  const codecs = await otherCodecs()
  return { reason: codecs.length > 0 ? 'other-codecs-only' : 'no-h264', codecs }
}

/** Nobody takes the frames: unclosed ones would stall the camera. */
function leave(message: ToWorker): void {
  if (message.type === 'frame') message.frame.close()
  else if (message.type === 'frames') void message.frames?.cancel()
}

function post(message: FromWorker): void {
  postMessage(message)
}
