/** The pure parts of what the worker does. */

import { describe, expect, it } from 'vitest'
import { LIVE_HEADER_BYTES, LIVE_KEYFRAME, LIVE_SKIPPED } from '../../wire/api/events.ts'
import { Losses } from './losses.ts'
import { Pace } from './pace.ts'
import { readLivePacket } from './packet.ts'
import { StreamFigures } from './stream-figures.ts'

describe('a live packet', () => {
  function packet(flags: number, picture: number[]): ArrayBuffer {
    const message = new ArrayBuffer(LIVE_HEADER_BYTES + picture.length)
    const view = new DataView(message)
    view.setUint8(0, flags)
    view.setUint32(4, 0xffff_fffe)
    view.setFloat64(8, 123_456.5)
    view.setFloat64(16, 1_795_626_000_000)
    new Uint8Array(message, LIVE_HEADER_BYTES).set(picture)
    return message
  }

  it('is read as the contract says', () => {
    expect(readLivePacket(packet(LIVE_KEYFRAME | LIVE_SKIPPED, [0, 0, 0, 1, 0x65]))).toEqual({
      isKeyframe: true,
      isAfterSkip: true,
      sequence: 0xffff_fffe,
      captureMs: 123_456.5,
      arrivalMs: 1_795_626_000_000,
      picture: new Uint8Array([0, 0, 0, 1, 0x65]),
    })
    expect(readLivePacket(packet(0, [1]))).toMatchObject({ isKeyframe: false, isAfterSkip: false })
  })

  it('is none at every shorter length', () => {
    for (let bytes = 0; bytes <= LIVE_HEADER_BYTES; bytes += 1)
      expect(readLivePacket(new ArrayBuffer(bytes))).toBeUndefined()
  })
})

describe('losses', () => {
  it('are the numbers that are left out, over the wrap too', () => {
    const losses = new Losses()
    expect([5, 6, 9, 10].map((sequence) => losses.next(sequence, false))).toEqual([0, 0, 2, 0])
    losses.reset()
    expect([0xffff_fffe, 0xffff_ffff, 0, 3].map((sequence) => losses.next(sequence, false))).toEqual([
      0, 0, 0, 2,
    ])
    expect(losses.count).toBe(4)
  })

  it('are not what the server left out, nor another capture', () => {
    const losses = new Losses()
    losses.next(100, false)
    expect(losses.next(200, true)).toBe(0)
    expect(losses.next(0, false)).toBe(0)
    expect(losses.next(50_000, false)).toBe(0)
    expect(losses.count).toBe(0)
  })
})

describe('the pace', () => {
  const CAMERAS = ['a', 'b', 'c', 'd']
  /** Runs for so many seconds. */
  function run(pace: Pace, fromMs: number, seconds: number, lateMs: number, cameras = CAMERAS): number {
    for (let i = 0; i < seconds; i += 1) pace.update(fromMs + i * 1000, lateMs, cameras)
    return fromMs + seconds * 1000
  }

  it('slows down one after the other, the least important first, and never the first', () => {
    const pace = new Pace()
    let nowMs = run(pace, 0, 2, 1000)
    expect([...pace.slow]).toEqual([])
    nowMs = run(pace, nowMs, 3, 1000)
    expect([...pace.slow]).toEqual(['d'])
    nowMs = run(pace, nowMs, 1, 1000)
    expect([...pace.slow]).toEqual(['d', 'c'])
    run(pace, nowMs, 30, 1000)
    expect([...pace.slow]).toEqual(['d', 'c', 'b'])
  })

  it('takes two late seconds for a hiccup, and one in five for too much', () => {
    const pace = new Pace()
    let nowMs = 0
    for (let i = 0; i < 5; i += 1) {
      nowMs = run(pace, nowMs, 2, 1000)
      nowMs = run(pace, nowMs, 15, 20)
    }
    expect([...pace.slow]).toEqual([])
    for (let i = 0; i < 3; i += 1) {
      nowMs = run(pace, nowMs, 4, 20)
      nowMs = run(pace, nowMs, 1, 1000)
    }
    expect([...pace.slow]).toEqual(['d'])
  })

  it('leaves all as they are while it is neither late nor calm', () => {
    const pace = new Pace()
    let nowMs = run(pace, 0, 3, 1000)
    nowMs = run(pace, nowMs, 60, 160)
    expect([...pace.slow]).toEqual(['d'])
  })

  it('takes one back after ten calm seconds, and waits longer when that was too early', () => {
    const pace = new Pace()
    let nowMs = run(pace, 0, 6, 1000)
    nowMs = run(pace, nowMs, 10, 20)
    expect([...pace.slow]).toEqual(['d', 'c'])
    nowMs = run(pace, nowMs, 1, 20)
    expect([...pace.slow]).toEqual(['d'])
    nowMs = run(pace, nowMs, 3, 1000)
    expect([...pace.slow]).toEqual(['d', 'c'])
    nowMs = run(pace, nowMs, 20, 20)
    expect([...pace.slow]).toEqual(['d', 'c'])
    run(pace, nowMs, 1, 20)
    expect([...pace.slow]).toEqual(['d'])
  })

  it('lets go of cameras that went, and of the one that became the first', () => {
    const pace = new Pace()
    const nowMs = run(pace, 0, 9, 1000)
    expect([...pace.slow]).toEqual(['d', 'c', 'b'])
    expect(pace.update(nowMs, 160, ['c', 'a', 'b'])).toBe(true)
    expect([...pace.slow]).toEqual(['b'])
  })
})

describe('figures', () => {
  it('are those of the last second, by the clock of the quickest message', () => {
    const figures = new StreamFigures()
    // Two ms under way, then fifty.
    figures.clock(10_000, 4_002)
    figures.clock(11_000, 5_050)
    for (let i = 0; i < 30; i += 1)
      figures.drawn({
        arrivalMs: 11_000 + i * 33,
        receivedMs: 20 + i * 33,
        nowMs: 28 + i * 33,
        wallMs: 5_042 + i * 33,
      })
    const read = figures.read(990, undefined)
    expect(read).toEqual({ fps: 30, delayMs: 40, lateMs: 8 })
    expect(figures.read(5000, 4000)).toEqual({ fps: 0, delayMs: undefined, lateMs: 1000 })
  })
})
