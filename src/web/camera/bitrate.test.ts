import { describe, expect, it } from 'vitest'
import { Bitrate, type Load } from './bitrate.ts'

const fine: Load = { waitingMs: 100, inEncoder: 1, isConnected: true }

function look(bitrate: Bitrate, seconds: number, load: (second: number) => Partial<Load>): void {
  for (let i = 0; i < seconds; i += 1) bitrate.look({ ...fine, ...load(i) })
}

describe('the bitrate', () => {
  it('is lowered while what waits grows, down to 300 kbit/s', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 4, (i) => ({ waitingMs: 2100 + i * 500 }))
    expect(bitrate.now).toBe(2.8e6)
    expect(bitrate.isLowered).toBe(true)
    look(bitrate, 100, (i) => ({ waitingMs: 9000 + i * 500 }))
    expect(bitrate.now).toBe(300_000)
  })

  it('is lowered when the phone cannot follow', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 2, () => ({ inEncoder: 3 }))
    expect(bitrate.now).toBe(2.8e6)
  })

  it('stays while there is no connection, and while it catches up', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 60, (i) => ({ waitingMs: i * 1000, isConnected: false }))
    look(bitrate, 60, (i) => ({ waitingMs: 60_000 - i * 1000 }))
    expect(bitrate.isLowered).toBe(false)
  })

  it('stays while an older capture is sent, and is judged by the trend when its turn comes', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 60, () => ({ waitingMs: null }))
    look(bitrate, 60, (i) => ({ waitingMs: 60_000 - i * 1000 }))
    expect(bitrate.isLowered).toBe(false)
    look(bitrate, 4, (i) => ({ waitingMs: 2100 + i * 500 }))
    expect(bitrate.now).toBe(2.8e6)
    look(bitrate, 60, () => ({ waitingMs: null }))
    expect(bitrate.now).toBe(2.8e6)
  })

  it('is raised again step by step, to what was asked, from its least in less than 40 seconds', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 4, (i) => ({ waitingMs: 2100 + i * 500 }))
    look(bitrate, 3, () => ({}))
    expect(bitrate.now).toBe(3.5e6)
    look(bitrate, 3, () => ({}))
    expect(bitrate.now).toBe(4e6)
    look(bitrate, 100, (i) => ({ waitingMs: 9000 + i * 500 }))
    expect(bitrate.now).toBe(300_000)
    look(bitrate, 39, () => ({}))
    expect(bitrate.now).toBe(4e6)
  })

  it('begins each capture as it was asked', () => {
    const bitrate = new Bitrate(4e6)
    look(bitrate, 3, (i) => ({ waitingMs: 9000 + i * 500 }))
    expect(bitrate.isLowered).toBe(true)
    bitrate.restart()
    expect([bitrate.now, bitrate.isLowered]).toEqual([4e6, false])
    // It has not waited before.
    look(bitrate, 2, (i) => ({ waitingMs: 9000 + i * 500 }))
    expect(bitrate.isLowered).toBe(false)
  })

  it('never raises what was asked below its least', () => {
    const bitrate = new Bitrate(200_000)
    look(bitrate, 9, (i) => ({ waitingMs: 2100 + i * 500 }))
    expect(bitrate.now).toBe(200_000)
  })
})
