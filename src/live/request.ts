/** What a viewer may say. Pure. */

import type { LiveRequest } from '../wire/api/events.ts'

/** The pace that a viewer asks for; undefined for any other text. */
export function paceIn(text: string): LiveRequest['pace'] | undefined {
  try {
    const { type, pace } = JSON.parse(text) as Partial<LiveRequest>
    return type === 'pace' && (pace === 'all' || pace === 'keyframes') ? pace : undefined
  } catch {
    return undefined
  }
}
