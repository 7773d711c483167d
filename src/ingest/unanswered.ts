/** Boards that say nothing to what somebody asked them, such as `status`. (Who is silent to a start or a stop is told by the take.) */

import { boardAsked } from '../wire/board.ts'
import type { Board } from './board.ts'

/**
 * Watches a board until it closes.
 *
 * @param options.withinMs - So long it may take to say something, anything, after it was asked.
 * @param options.onSilence - Gets what it was asked first since it last said something.
 */
export function watchAnswers(
  board: Board,
  options: { withinMs: number; onSilence: (asked: string) => void },
): void {
  const { withinMs, onSilence } = options
  let timer: NodeJS.Timeout | undefined
  const forget = () => {
    clearTimeout(timer)
    timer = undefined
  }
  board.on('line', ({ direction, text }) => {
    if (direction === 'from') forget()
    else if (!boardAsked(text))
      timer ??= setTimeout(() => {
        timer = undefined
        onSilence(text)
      }, withinMs)
  })
  // Nobody waits for the answer of one that is gone.
  board.on('away', forget)
  board.once('closed', forget)
}
