import { describe, expect, it } from 'vitest'
import { parseFramePacket } from '../../wire/frame-packet.ts'
import { KeptCapture, newNote } from './kept-capture.ts'

/** A keyframe each ten pictures, 40 ms apart. */
function captureOf(count: number): KeptCapture {
  const capture = new KeptCapture({ ...newNote('capture-1', null), startedAtMs: 0 })
  for (let i = 0; i < count; i += 1) film(capture)
  return capture
}

function film(capture: KeptCapture): void {
  const i = capture.next
  capture.add({ captureUs: 1000 + i * 40_000, isKeyframe: i % 10 === 0, payload: new Uint8Array(84).fill(i) })
}

const numbers = (capture: KeptCapture) => capture.packets.map(({ sequence }) => sequence)

describe('a kept capture', () => {
  it('numbers its packets, and has them ready to be sent', () => {
    const capture = captureOf(3)
    expect(numbers(capture)).toEqual([0, 1, 2])
    const { captureMs, sequence, payload } = parseFramePacket(capture.packets[2]!.message!)
    expect([captureMs, sequence, payload.length, payload[0]]).toEqual([81_000, 2, 84, 2])
    expect(capture.memoryBytes).toBe(300)
  })

  it('keeps what is not acknowledged, back to the keyframe that it depends on', () => {
    const capture = captureOf(35)
    capture.acknowledge(19)
    expect([capture.from, capture.packets.length]).toEqual([10, 25])
    capture.acknowledge(20)
    expect(capture.from).toBe(20)
    capture.acknowledge(35)
    expect(capture.from).toBe(30)
    expect(capture.isDone).toBe(false)
    capture.acknowledge(5)
    expect(capture.acknowledged).toBe(35)
    film(capture)
    expect(capture.waiting()).toEqual({ ms: 0, bytes: 100 })
  })

  it('is done when all of it is acknowledged and no more comes', () => {
    const capture = captureOf(35)
    capture.isEnded = true
    capture.acknowledge(34)
    expect(capture.isDone).toBe(false)
    capture.acknowledge(35)
    expect([capture.isDone, capture.packets.length, capture.memoryBytes]).toEqual([true, 0, 0])
  })

  it('tells how much waits', () => {
    const capture = captureOf(35)
    expect(capture.waiting()).toEqual({ ms: 34 * 40, bytes: 3500 })
    capture.acknowledge(15)
    expect(capture.waiting()).toEqual({ ms: 19 * 40, bytes: 2000 })
    expect(capture.lengthFrom(34)).toBe(0)
  })

  it('gives up its oldest pictures up to the next keyframe, and counts them', () => {
    const capture = captureOf(35)
    capture.acknowledge(4)
    capture.giveUpOldest()
    expect([capture.from, capture.dropped]).toEqual([10, 6])
    capture.giveUpOldest()
    expect([capture.from, capture.dropped]).toEqual([20, 16])
    expect(capture.after(12)!.sequence).toBe(20)
    capture.giveUpOldest()
    capture.giveUpOldest()
    expect([capture.from, capture.dropped, capture.memoryBytes]).toEqual([35, 31, 0])
  })

  it('numbers and counts what can no longer be shown, and knows of it after a reload', () => {
    const capture = captureOf(5)
    capture.acknowledge(2)
    capture.giveUpOldest()
    expect([capture.giveUp(), capture.giveUp()]).toEqual([5, 6])
    expect([capture.next, capture.from, capture.dropped, capture.neededFrom]).toEqual([7, 7, 5, 2])
    const reloaded = new KeptCapture(capture.note)
    expect([reloaded.next, reloaded.dropped, reloaded.neededFrom]).toEqual([7, 5, 2])
    reloaded.restore({ sequence: 7, captureUs: 7, isKeyframe: true, bytes: 100 })
    expect([reloaded.next, reloaded.from, reloaded.neededFrom]).toEqual([8, 7, 2])
    reloaded.acknowledge(7)
    expect(reloaded.neededFrom).toBe(7)
  })

  it('takes back what was stored, from the first keyframe on', () => {
    const capture = captureOf(0)
    for (let i = 7; i < 25; i += 1)
      capture.restore({ sequence: i, captureUs: i, isKeyframe: i % 10 === 0, bytes: 100 })
    expect([capture.from, capture.next, capture.memoryBytes]).toEqual([10, 25, 0])
    capture.fill(capture.packets[0]!, new Uint8Array(100))
    expect(capture.memoryBytes).toBe(100)
    capture.release(capture.packets[0]!)
    expect(capture.memoryBytes).toBe(0)
  })
})
