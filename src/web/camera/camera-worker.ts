/** Stands in until the engine is there. */

import type { CameraState, FromWorker } from './worker-messages.ts'

const state: CameraState = {
  link: 'connecting',
  serverName: null,
  capture: null,
  waitingMs: 0,
  waitingBytes: 0,
  dropped: 0,
  encoded: null,
  aheadMs: null,
  notice: null,
  leftCaptures: 0,
}
postMessage({ type: 'state', state } satisfies FromWorker)
