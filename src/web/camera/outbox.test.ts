import { describe, expect, it } from 'vitest'
import { newNote } from './kept-capture.ts'
import { Outbox } from './outbox.ts'

/** Without a store: what memory has no room for is given up. A keyframe each ten pictures. */
function outboxWith(memoryBytes: number) {
  const outbox = new Outbox({ store: undefined, memoryBytes })
  const begin = (id: string) => outbox.begin({ ...newNote(id, null), startedAtMs: 0 })
  const film = (capture: ReturnType<typeof begin>, count: number) => {
    for (let i = 0; i < count; i += 1) {
      const isKeyframe = capture.next % 10 === 0
      outbox.add(capture, { captureUs: capture.next * 40_000, isKeyframe, payload: new Uint8Array(84) })
    }
  }
  return { outbox, begin, film }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('the outbox', () => {
  it('tells how much waits, of all captures', () => {
    const { outbox, begin, film } = outboxWith(1e6)
    film(begin('capture-1'), 11)
    film(begin('capture-2'), 6)
    expect(outbox.waiting()).toEqual({ ms: 600, bytes: 1700 })
    outbox.acknowledge(outbox.captures[0]!, 6)
    expect(outbox.waiting()).toEqual({ ms: 360, bytes: 1100 })
  })

  it('forgets a capture without pictures when it ends', () => {
    const { outbox, begin, film } = outboxWith(1e6)
    outbox.end(begin('capture-1'))
    expect(outbox.captures).toEqual([])
    const capture = begin('capture-2')
    film(capture, 3)
    outbox.end(capture)
    expect(outbox.captures).toEqual([capture])
    outbox.forget(capture)
    expect(outbox.captures).toEqual([])
  })

  it('gives up the oldest pictures of the oldest capture when memory is full, and counts them', async () => {
    const { outbox, begin, film } = outboxWith(3000)
    const older = begin('capture-1')
    film(older, 15)
    outbox.end(older)
    const newer = begin('capture-2')
    film(newer, 16)
    await settled()
    expect([older.from, newer.from, outbox.dropped]).toEqual([10, 0, 10])
    film(newer, 10)
    await settled()
    // Nothing is left of the older one; the server is still to hear of it.
    expect(outbox.captures).toEqual([older, newer])
    expect([older.packets.length, newer.packets.length, outbox.dropped]).toEqual([0, 26, 15])
    film(newer, 10)
    await settled()
    expect([newer.from, outbox.dropped]).toEqual([10, 25])
    outbox.giveUp(newer)
    expect([newer.next, outbox.dropped]).toEqual([37, 26])
  })
})
