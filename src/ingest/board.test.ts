import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hex } from '../../test/support/h264.ts'
import { systemClock } from '../time.ts'
import { Board } from './board.ts'
import type { Connection, Hearer } from './connection.ts'

/** SOI, SOF0 of 5 × 3 pixels with one component, EOI. */
const PICTURE = Buffer.from(hex('ffd8 ffc0000b080003000501011100 ffd9'))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A board whose connection is what the test says. */
function captures(): { board: Board; says: Hearer; idle: () => number } {
  const connection = { clock: systemClock, mayText: () => true, send: async () => {} }
  const board = new Board({
    ...{ id: 'esp-1', hasOwnId: false, settings: {}, lines: [], mayReturn: () => true },
    connection: connection as unknown as Connection,
  })
  let idle = 0
  board.on('idle', () => {
    idle += 1
  })
  const says = (connection as unknown as Connection).hearer
  says.text('ACK: start', true)
  return { board, says, idle: () => idle }
}

it('a board that failed, and sends pictures on, is believed: later it may be slow', () => {
  const { board, says, idle } = captures()
  says.text('ERROR: no memory', true)
  for (let i = 0; i < 4; i += 1) {
    vi.advanceTimersByTime(500)
    says.binary(PICTURE)
  }
  vi.advanceTimersByTime(60_000)
  expect([board.isCapturing, board.pictures, idle()]).toEqual([true, 4, 0])
})

it('a board that failed, and sends what was under way and then nothing, captures no more', () => {
  const { board, says, idle } = captures()
  says.text('STATUS: 未采集', true)
  vi.advanceTimersByTime(1000)
  says.binary(PICTURE)
  vi.advanceTimersByTime(1999)
  expect([board.isCapturing, idle()]).toEqual([true, 0])
  vi.advanceTimersByTime(1)
  expect([board.isCapturing, idle()]).toEqual([false, 1])
})

it('what was under way when a board stopped is shown and begins nothing; later it captures by itself', () => {
  const { board, says } = captures()
  let shown = 0
  board.on('preview', () => {
    shown += 1
  })
  says.text('ACK: stop', true)
  vi.advanceTimersByTime(1499)
  says.binary(PICTURE)
  expect([board.isCapturing, board.pictures, shown]).toEqual([false, 0, 1])
  vi.advanceTimersByTime(1)
  says.binary(PICTURE)
  expect([board.isCapturing, board.pictures, shown]).toEqual([true, 1, 1])
})
