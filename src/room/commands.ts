/** What a page commands, as cameras are asked, and what they did, as the page is told. Pure. */

import { excerpt } from '../log.ts'
import type { Outcome } from '../recording/asked.ts'
import type { Command, CommandAnswer } from '../wire/api/cameras.ts'
import type { StartRequest } from '../wire/messages.ts'

/** The defaults of `start` in the terminal. */
export const DEFAULT_MBPS = 4
const DEFAULT_FPS = 10
/** Of what a caller made up so much is quoted. */
const MAX_NAMED = 10
const MAX_NAMED_CHARS = 60

export function requestOf({ aspectRatio, bitrateMbps, fps, resolution, quality }: Command): StartRequest {
  const [width, height] = (aspectRatio ?? '').split(':').map(Number)
  return {
    ...(width && height && { aspectRatio: { width, height } }),
    bitrateMbps: bitrateMbps ?? DEFAULT_MBPS,
    fps: fps ?? DEFAULT_FPS,
    ...(resolution && { resolution }),
    ...(quality !== undefined && { quality }),
  }
}

/** Ids that a caller made up, for a message. */
export function namesText(ids: string[]): string {
  const named = ids.slice(0, MAX_NAMED).map((id) => JSON.stringify(id.slice(0, MAX_NAMED_CHARS)))
  return named.join(', ') + (ids.length > MAX_NAMED ? `, and ${ids.length - MAX_NAMED} more` : '')
}

/** By camera; one that was not asked was in the take already. */
export function results(ids: string[], outcome: Outcome): CommandAnswer['cameras'] {
  const known = new Map<string, CommandAnswer['cameras'][number]>()
  for (const result of ['confirmed', 'already', 'silent', 'away'] as const)
    for (const camera of outcome[result]) known.set(camera, { camera, result, message: null })
  for (const result of ['refused', 'failed'] as const)
    for (const { camera, message } of outcome[result])
      known.set(camera, { camera, result, message: excerpt(message) })
  return ids.map((camera) => known.get(camera) ?? { camera, result: 'already', message: null })
}
