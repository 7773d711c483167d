/** The time, for what is shown of it: a component that reads `nowMs.value` is shown anew each half second. */

import { signal } from '@preact/signals'
import { serverNowMs } from './api/room.ts'

const EVERY_MS = 500

/** The server's wall clock, ms since 1970. */
export const nowMs = signal(serverNowMs())

setInterval(() => {
  nowMs.value = serverNowMs()
}, EVERY_MS)
