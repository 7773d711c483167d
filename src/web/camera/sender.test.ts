import { beforeEach, describe, expect, it } from 'vitest'
import { parseFramePacket } from '../../wire/frame-packet.ts'
import { parseFromPhone2 } from '../../wire/protocol2.ts'
import { isPreview } from '../../wire/protocol2-frames.ts'
import { KeptCapture, newNote } from './kept-capture.ts'
import { type Kept, Sender, type Way } from './sender.ts'

/** What went out: texts as they are, packets by their numbers, previews as `preview 20`. */
let out: unknown[]
let way: { -readonly [key in keyof Way]: Way[key] }
let captures: KeptCapture[]
let sender: Sender

function captureOf(id: string, count: number, startedAtMs = 1000): KeptCapture {
  const capture = new KeptCapture({ ...newNote(id, null), startedAtMs })
  film(capture, count)
  captures.push(capture)
  return capture
}

/** A keyframe each ten pictures, 40 ms apart. */
function film(capture: KeptCapture, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const isKeyframe = capture.next % 10 === 0
    capture.add({ captureUs: capture.next * 40_000, isKeyframe, payload: new Uint8Array(100) })
  }
}

/** What the server said, and what went out for it. */
function hears(...message: Parameters<Sender['heard']>): unknown[] {
  out.length = 0
  sender.heard(...message)
  return out
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

beforeEach(() => {
  out = []
  captures = []
  way = {
    isOpen: true,
    buffered: 0,
    say: (message) => out.push(message),
    send: (message) => {
      const { sequence } = parseFramePacket(isPreview(message) ? message.slice().fill(0, 0, 1) : message)
      out.push(isPreview(message) ? `preview ${sequence}` : sequence)
    },
  }
  const kept: Kept = {
    captures,
    load: async (capture, packet) => capture.fill(packet, new Uint8Array(packet.bytes)),
    acknowledge: (capture, sequence) => capture.acknowledge(sequence),
    forget: (capture) => captures.splice(captures.indexOf(capture), 1),
  }
  sender = new Sender(way, kept, () => 3000)
})

describe('the sender', () => {
  it('names no time that the server could not take, whatever the clock said when the capture began', () => {
    for (const startedAtMs of [-1e13, 9000]) {
      captures.length = out.length = 0
      captureOf('capture-1', 1, startedAtMs)
      sender.restart()
      expect(parseFromPhone2(JSON.stringify(out[0]))).toMatchObject({ type: 'capture' })
    }
  })

  it('announces a capture, and sends from where the server says', () => {
    const capture = captureOf('capture-1', 25)
    sender.restart()
    expect(out).toEqual([
      { type: 'capture', capture: 'capture-1', from: 0, packets: null, take: null, agoMs: 2000 },
    ])
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 12 })).toEqual(numbers(12, 25))
    out.length = 0
    film(capture, 2)
    sender.pump()
    expect(out).toEqual([25, 26])
  })

  it('says nothing while there is no picture, no connection, or no answer', () => {
    const capture = captureOf('capture-1', 0)
    sender.restart()
    film(capture, 3)
    way.isOpen = false
    sender.pump()
    expect(out).toEqual([])
    way.isOpen = true
    sender.pump()
    sender.pump()
    expect(out).toHaveLength(1)
  })

  it('begins anew on a new connection, from the keyframe that the first unacknowledged picture needs', () => {
    captureOf('capture-1', 35)
    sender.restart()
    hears({ type: 'next', capture: 'capture-1', sequence: 0 })
    hears({ type: 'ack', capture: 'capture-1', sequence: 17 })
    out.length = 0
    sender.restart()
    expect(out).toMatchObject([{ type: 'capture', from: 10 }])
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 21 })).toEqual(numbers(21, 35))
    expect(hears({ type: 'again' })).toMatchObject([{ type: 'capture', from: 10 }])
  })

  it('sends captures one after the other, and forgets each when all of it is on the disk', () => {
    const first = captureOf('capture-1', 12)
    first.isEnded = true
    captureOf('capture-2', 5)
    sender.restart()
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 0 })).toEqual([
      ...numbers(0, 12),
      { type: 'capture_end', capture: 'capture-1', packets: 12 },
      { type: 'capture', capture: 'capture-2', from: 0, packets: null, take: null, agoMs: 2000 },
    ])
    expect(hears({ type: 'next', capture: 'capture-2', sequence: 0 })).toEqual(numbers(0, 5))
    hears({ type: 'ack', capture: 'capture-1', sequence: 11 })
    expect(captures).toHaveLength(2)
    hears({ type: 'ack', capture: 'capture-1', sequence: 12 })
    expect(captures.map(({ id }) => id)).toEqual(['capture-2'])
  })

  it('forgets a capture of which the server had all before', () => {
    captureOf('capture-1', 12).isEnded = true
    sender.restart()
    hears({ type: 'next', capture: 'capture-1', sequence: 12 })
    hears({ type: 'ack', capture: 'capture-1', sequence: 12 })
    expect(captures).toEqual([])
  })

  it('ends with the number that the server has, when that is more than the store has', () => {
    captureOf('capture-1', 12).isEnded = true
    sender.restart()
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 14 })).toEqual([
      { type: 'capture_end', capture: 'capture-1', packets: 14 },
    ])
  })

  it('waits while the socket is full, and leaves out what was given up', () => {
    const capture = captureOf('capture-1', 25)
    sender.restart()
    way.buffered = 768 * 1024
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 0 })).toEqual([])
    capture.giveUpOldest()
    way.buffered = 0
    sender.pump()
    expect(out).toEqual(numbers(10, 25))
  })

  it('tells of a capture that was given up as a whole, from what is not on the disk', () => {
    const first = captureOf('capture-1', 12)
    first.isEnded = true
    first.acknowledge(3)
    first.giveUpOldest()
    first.giveUpOldest()
    sender.restart()
    expect(out).toMatchObject([{ type: 'capture', from: 3, packets: 12 }])
    expect(hears({ type: 'next', capture: 'capture-1', sequence: 3 })).toEqual([
      { type: 'capture_end', capture: 'capture-1', packets: 12 },
    ])
    hears({ type: 'ack', capture: 'capture-1', sequence: 12 })
    expect(captures).toEqual([])
  })

  it('shows the newest keyframe while much waits, once', () => {
    captureOf('capture-0', 100).isEnded = true
    captureOf('capture-1', 95)
    sender.restart()
    out.length = 0
    sender.preview()
    sender.preview()
    expect(out).toEqual(['preview 90'])
    hears({ type: 'next', capture: 'capture-0', sequence: 0 })
    hears({ type: 'next', capture: 'capture-1', sequence: 0 })
    film(captures[1]!, 10)
    out.length = 0
    sender.preview()
    expect(out).toEqual([])
  })

  it('shows what is now within a second, over a way that takes one megabit a second', () => {
    let nowMs = 0
    sender = new Sender(
      way,
      { captures, load: async () => {}, acknowledge: () => {}, forget: () => {} },
      () => nowMs,
    )
    /** What waits in the socket, and when a preview was put into it and left. */
    const queue: { bytes: number; preview: number | undefined }[] = []
    const waits: number[] = []
    way.send = (message) => {
      queue.push({ bytes: message.byteLength, preview: isPreview(message) ? nowMs : undefined })
      way.buffered += message.byteLength
    }
    const capture = captureOf('capture-1', 0)
    const picture = () => {
      // Two megabits a second: it falls behind more and more.
      const isKeyframe = capture.next % 30 === 0
      capture.add({
        captureUs: nowMs * 1000,
        isKeyframe,
        payload: new Uint8Array(isKeyframe ? 25_000 : 8000),
      })
    }
    picture()
    sender.restart()
    sender.heard({ type: 'next', capture: 'capture-1', sequence: 0 })
    for (nowMs = 33; nowMs < 30_000; nowMs += 1) {
      if (nowMs % 33 === 0) picture()
      if (nowMs % 50 === 0) sender.pump()
      if (nowMs % 1000 === 0) sender.preview()
      way.buffered = Math.max(0, way.buffered - 125)
      let left = queue.reduce((sum, { bytes }) => sum + bytes, 0) - way.buffered
      for (; queue[0] && left >= queue[0].bytes; left -= queue.shift()!.bytes)
        if (queue[0].preview !== undefined) waits.push(nowMs - queue[0].preview)
      if (queue[0]) queue[0].bytes -= left
    }
    expect(waits.length).toBeGreaterThan(20)
    expect(Math.max(...waits)).toBeLessThan(1200)
  })

  it('says how far it is behind only while the running capture has its turn', () => {
    const older = captureOf('capture-0', 100)
    older.isEnded = true
    captureOf('capture-1', 95)
    sender.restart()
    expect([sender.unsentMs, sender.behindMs]).toEqual([94 * 40, null])
    hears({ type: 'next', capture: 'capture-0', sequence: 0 })
    // Announced, and not answered.
    expect(sender.behindMs).toBeNull()
    hears({ type: 'next', capture: 'capture-1', sequence: 0 })
    expect(sender.behindMs).toBe(0)
  })

  it('brings back from the store what is not in memory', async () => {
    const capture = captureOf('capture-1', 3)
    const [, packet] = capture.packets
    const message = packet!.message!
    capture.release(packet!)
    const kept: Kept = {
      captures,
      load: async () => capture.fill(packet!, message),
      acknowledge: () => {},
      forget: () => {},
    }
    sender = new Sender(way, kept, () => 3000)
    sender.restart()
    hears({ type: 'next', capture: 'capture-1', sequence: 0 })
    expect(out).toEqual([0])
    await Promise.resolve()
    await Promise.resolve()
    expect(out).toEqual([0, 1, 2])
  })
})
