/** How it is with a board, as the page shows it. Components that ask are drawn anew when it changes. */

import { camera } from '../api/room.ts'

/** Whether it is not connected just now. */
export function isGone(id: string): boolean {
  const state = camera(id)?.value.state
  return state === 'away' || state === 'gone'
}
