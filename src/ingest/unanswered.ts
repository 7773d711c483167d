/** Boards that say nothing to what somebody told them by hand. (Who is silent to a command of a take is named by that.) */

import type { EventEmitter } from 'node:events'
import type { CameraEvents } from './camera.ts'

/**
 * Watches a board until it closes.
 *
 * @param options.withinMs - So long it may take to say something, anything, or to begin or end to capture.
 * @param options.onSilence - Gets what it was told first since it last said something.
 */
export function watchAnswers(
  board: EventEmitter<CameraEvents>,
  options: { withinMs: number; onSilence: (told: string) => void },
): void {
  const { withinMs, onSilence } = options
  let timer: NodeJS.Timeout | undefined
  const forget = () => {
    clearTimeout(timer)
    timer = undefined
  }
  board.on('told', (text) => {
    timer ??= setTimeout(() => {
      timer = undefined
      onSilence(text)
    }, withinMs)
  })
  board.on('line', ({ direction }) => direction === 'from' && forget())
  board.on('status', forget)
  // Nobody waits for the answer of one that is gone.
  board.on('away', forget)
  board.once('closed', forget)
}
