import { expect, it } from 'vitest'
import { SocketRoom } from './socket-room.ts'

/** Fills the room each 50 ms, over a way that takes so many bytes a second. @returns The most that waited at the end, in bytes. */
function flood(room: SocketRoom, bytesPerSecond: number, seconds: number, fromMs = 0) {
  let buffered = 0
  let sent = 0
  for (let ms = 0; ms < seconds * 1000; ms += 50) {
    room.look(buffered, fromMs + ms)
    const bytes = Math.max(0, room.bytes - buffered)
    room.handed(bytes)
    buffered += bytes
    const gone = Math.min(buffered, bytesPerSecond / 20)
    buffered -= gone
    sent += gone
  }
  return { sent, buffered }
}

it('holds half a second of what goes out, within bounds', () => {
  const room = new SocketRoom()
  flood(room, 400_000, 5)
  expect(room.bytes / 200_000).toBeCloseTo(1, 1)
  flood(room, 20_000, 5, 10_000)
  expect(room.bytes).toBe(96 * 1024)
})

it('grows where the way takes all, and does not hold it up', () => {
  const room = new SocketRoom()
  const { sent } = flood(room, 10e6, 5)
  expect(room.bytes).toBe(768 * 1024)
  expect(sent).toBeGreaterThan(0.9 * 10e6 * 5)
})

it('lives with a clock that is set back', () => {
  const room = new SocketRoom()
  flood(room, 400_000, 5, 1_000_000)
  flood(room, 400_000, 5)
  expect(room.bytes / 200_000).toBeCloseTo(1, 1)
})
