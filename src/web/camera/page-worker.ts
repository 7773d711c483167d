/** The page's side of the worker that encodes, keeps and sends. */

import { signal } from '@preact/signals'
import { socketUrl } from './camera-key.ts'
import workerUrl from './camera-worker.ts?worker&url'
import { picture, takeAsked } from './chosen.ts'
import { lastingId, modelHere, ownName } from './identity.ts'
import type { Trouble } from './trouble.tsx'
import type { CameraState, FromWorker, ToWorker } from './worker-messages.ts'

export const camera = signal<CameraState>({
  link: 'connecting',
  serverName: null,
  capture: null,
  waitingMs: 0,
  waitingBytes: 0,
  isMemoryOnly: false,
  dropped: 0,
  encoded: null,
  aheadMs: null,
  notice: null,
  isSeen: false,
  leftCaptures: 0,
})
/** Why the worker can record nothing; null while it can. */
export const workerInability = signal<Trouble | null>(null)

let worker: Worker | undefined
/** Told before the worker was opened, and kept for it. */
let early: [ToWorker, Transferable[]][] | undefined = []

/** `?test` in the address: the worker keeps checksums, and `rollcallChecksums()` gives them. */
const isTest = new URLSearchParams(location.search).has('test')

/** Begins the worker, which connects by itself. Called again it does nothing. */
export async function beginWorker(): Promise<void> {
  if (worker) return
  const begun = new Worker(workerUrl, { type: 'module' })
  worker = begun
  begun.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => took(data))
  begun.addEventListener('error', () => {
    workerInability.value = { reason: 'broken', codecs: [] }
  })
  if (isTest) Object.assign(globalThis, { rollcallChecksums: checksums })
  const model = await modelHere()
  begun.postMessage({
    type: 'open',
    url: socketUrl(),
    id: lastingId(),
    name: ownName.peek() || null,
    model,
    settings: picture.peek(),
    test: isTest,
  } satisfies ToWorker)
  for (const [message, transfer] of early ?? []) begun.postMessage(message, transfer)
  early = undefined
}

export function tell(message: ToWorker, transfer: Transferable[] = []): void {
  if (!early) worker?.postMessage(message, transfer)
  // Frames are few, and hold up the camera while they wait.
  else if (message.type === 'frame') message.frame.close()
  else early.push([message, transfer])
}

function took(message: FromWorker): void {
  switch (message.type) {
    case 'state':
      camera.value = message.state
      break
    case 'asked':
      takeAsked(message.settings)
      break
    case 'unable':
      workerInability.value = message
      break
    case 'checksums':
      for (const give of askers.splice(0)) give(message)
      break
  }
}

type Checksums = FromWorker & { type: 'checksums' }
const askers: ((sums: Checksums) => void)[] = []

function checksums(): Promise<Checksums> {
  tell({ type: 'checksums' })
  return new Promise((resolve) => askers.push(resolve))
}
