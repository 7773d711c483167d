import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CameraEvents } from './camera.ts'
import { watchAnswers } from './unanswered.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('names what a board was told first, and nothing once it speaks, begins or ends to capture, or is gone', () => {
  const board = new EventEmitter<CameraEvents>()
  const named: string[] = []
  watchAnswers(board, { withinMs: 500, onSilence: (told) => named.push(told) })
  const answers = [
    () => board.emit('line', { atMs: 0, direction: 'from', text: 'ACK' }),
    () => board.emit('status', { status: 'capture_started' }),
    () => board.emit('away'),
    () => board.emit('closed'),
  ]
  for (const answer of [() => {}, ...answers, () => {}]) {
    board.emit('told', 'first')
    board.emit('line', { atMs: 0, direction: 'to', text: 'first' })
    vi.advanceTimersByTime(499)
    board.emit('told', 'second')
    answer()
    vi.advanceTimersByTime(1)
    vi.advanceTimersByTime(1000)
  }
  expect(named).toEqual(['first', 'first'])
})
