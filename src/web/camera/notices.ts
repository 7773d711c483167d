/** What the operator is told of the phone, in words; the page makes its own of the same names. */

import type { CameraState } from './worker-messages.ts'

type Notice = NonNullable<CameraState['notice']>

const TEXTS: Record<Notice, (mbps: number) => string> = {
  'bitrate-lowered': (mbps) => `bitrate lowered to ${mbps} Mbit/s: the network or the phone cannot follow`,
  'storage-nearly-full': () => 'the storage of the phone is nearly full',
  'storage-full': () => 'the storage of the phone is full: its oldest pictures are given up',
  'encoder-failed': () => 'the encoder of the phone has failed',
}

/** For a report; null when there is nothing to tell. */
export function noticeText({ notice, encoded }: CameraState): string | null {
  return notice && TEXTS[notice](encoded?.mbps ?? 0)
}
