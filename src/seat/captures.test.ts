import { describe, expect, it } from 'vitest'
import type { LastingCamera } from '../ingest/lasting-camera.ts'
import type { KeptCapture } from '../recording/recorder-options.ts'
import type { BegunRecording } from '../recording/recording-facts.ts'
import { Captures, type Known } from './captures.ts'

const PAYLOAD = new Uint8Array([0])

/** What an earlier process began and received last then, in ms of the wall clock. */
function begunAt(startedAtMs: number, lastMs: number): BegunRecording {
  const document = { startedAtMs, capture: { id: 'one1', from: 0, next: 40 } }
  return { document, arrival: { firstMs: startedAtMs, lastMs }, next: 40 } as unknown as BegunRecording
}

function setUp(options: { known?: Known } = {}) {
  const said: object[] = []
  const state = {
    isOpen: false,
    mayOpen: true,
    hasRoom: true,
    closed: 0,
    nowMs: 5000,
    films: [] as (string | null)[],
    opened: undefined as KeptCapture | undefined,
    packets: undefined as number | undefined,
  }
  const camera = {
    say: (message: object) => said.push(message),
  } as unknown as LastingCamera
  const captures = new Captures({
    camera,
    clock: { wallMs: () => 1_000_000, monotonicMs: () => state.nowMs },
    resumeWindowMs: 1000,
    open: (capture) => {
      state.opened = capture
      state.isOpen = state.mayOpen
      return state.mayOpen
    },
    isOpen: () => state.isOpen,
    close: (packets) => {
      state.isOpen = false
      state.closed += 1
      state.packets = packets
    },
    find: async () => options.known,
    onFilms: ({ take }) => state.films.push(take),
    hasRoom: () => state.hasRoom,
  })
  const begin = (capture: string, from = 0, packets: number | null = null, take: string | null = null) =>
    captures.begin({ type: 'capture', capture, from, packets, take, agoMs: 0 })
  const comes = (sequence: number) => captures.isNew({ captureMs: 0, sequence, payload: PAYLOAD })
  return { captures, said, state, begin, comes }
}

describe('captures that their phone keeps', () => {
  it('take each packet once, and go on where they were', async () => {
    const { said, begin, comes } = setUp()
    await begin('one1')
    expect([0, 1, 1, 0, 2].map(comes)).toEqual([true, true, false, false, true])
    await begin('one1', 1)
    expect(said).toEqual([
      { type: 'next', capture: 'one1', sequence: 0 },
      { type: 'next', capture: 'one1', sequence: 3 },
    ])
  })

  it('take nothing before they are announced', () => {
    const { comes } = setUp()
    expect(comes(0)).toBe(false)
  })

  it('are acknowledged once more to a phone that did not hear of it', async () => {
    const { captures, said, begin, comes } = setUp()
    await begin('one1')
    for (const sequence of [0, 1, 2]) comes(sequence)
    captures.end({ type: 'capture_end', capture: 'one1', packets: 3 })
    // Being closed: nothing more is needed, and nothing is promised yet.
    await begin('one1', 0, 3)
    expect(said.at(-1)).toEqual({ type: 'next', capture: 'one1', sequence: 3 })
    captures.synced('one1', 3)
    await begin('one1', 0, 3)
    expect(said.slice(-2)).toEqual([
      { type: 'next', capture: 'one1', sequence: 3 },
      { type: 'ack', capture: 'one1', sequence: 3 },
    ])
  })

  it('are not taken for those before them that had the same id', async () => {
    const { captures, said, begin, comes } = setUp()
    await begin('one1')
    comes(0)
    captures.end({ type: 'capture_end', capture: 'one1', packets: 1 })
    captures.synced('one1', 1)
    said.length = 0
    await begin('one1')
    expect([comes(0), said]).toEqual([true, [{ type: 'next', capture: 'one1', sequence: 0 }]])
  })

  it('of which nothing is left are recorded as that, and acknowledged as a whole', async () => {
    const { captures, said, state, begin } = setUp()
    await begin('one1', 0, 12)
    captures.end({ type: 'capture_end', capture: 'one1', packets: 12 })
    expect([state.closed, state.packets]).toEqual([1, 12])
    captures.synced('one1', 12)
    expect(said).toEqual([
      { type: 'next', capture: 'one1', sequence: 0 },
      { type: 'ack', capture: 'one1', sequence: 12 },
    ])
  })

  it('of which the disk holds all are not recorded again', async () => {
    const { said, state, begin } = setUp({ known: { kind: 'closed', next: 7 } })
    await begin('one1', 0, 7)
    expect([state.isOpen, said.at(-1)]).toEqual([false, { type: 'ack', capture: 'one1', sequence: 7 }])
    // More came to it since.
    await begin('one1', 5, 9)
    expect([state.isOpen, said.at(-1)]).toEqual([true, { type: 'next', capture: 'one1', sequence: 5 }])
  })

  it('wait with the phone while the disk takes nothing, and are asked for again', async () => {
    const { captures, said, state, begin, comes } = setUp()
    state.mayOpen = state.hasRoom = false
    await begin('one1')
    captures.tick()
    expect(said).toEqual([])
    state.mayOpen = state.hasRoom = true
    captures.tick()
    expect(said).toEqual([{ type: 'again' }])
    await begin('one1')
    expect(comes(0)).toBe(true)
    // The disk ends the recording in its middle.
    state.isOpen = false
    expect(comes(1)).toBe(false)
    // It may be that there is no place: it is not asked without end.
    captures.tick()
    expect(said.at(-1)).toMatchObject({ type: 'next' })
    state.nowMs += 2000
    captures.tick()
    expect(said.at(-1)).toEqual({ type: 'again' })
  })

  it('are waited for while they are looked into, and not opened once that is over', async () => {
    const { captures, state, begin } = setUp()
    const beginning = begin('one1')
    expect(captures.isOpen).toBe(true)
    captures.giveUp()
    // A phone that is back meanwhile is met anew.
    expect(captures.isOpen).toBe(false)
    await beginning
    expect([captures.isOpen, state.isOpen]).toEqual([false, false])
  })

  it('are closed when their phone is back and goes on with nothing', async () => {
    const { captures, state, begin } = setUp()
    await begin('one1')
    captures.back()
    await begin('one1')
    state.nowMs += 5000
    captures.tick()
    expect(state.isOpen).toBe(true)
    captures.back()
    state.nowMs += 1000
    captures.tick()
    expect([state.isOpen, captures.isOpen]).toEqual([false, false])
  })

  it('that an earlier process began wait for their phone as before when they cannot go on', async () => {
    let givenBack = 0
    const begun = begunAt(900_000, 950_000)
    const giveBack = () => {
      givenBack += 1
    }
    const { captures, said, state, begin } = setUp({ known: { kind: 'begun', begun, giveBack } })
    state.mayOpen = false
    await begin('one1')
    expect([givenBack, said]).toEqual([1, []])
    state.mayOpen = true
    const beginning = begin('one1')
    captures.giveUp()
    await beginning
    expect([givenBack, state.isOpen]).toEqual([2, false])
  })

  it.each([
    ['went on', 950_000, 1_000_000],
    ['was set back', 2_000_000, 2_000_000],
  ])(
    'that an earlier process began go on with times that rise, when the clock %s',
    async (_, lastMs, nowMs) => {
      const known: Known = { kind: 'begun', begun: begunAt(900_000, lastMs), giveBack: () => {} }
      const { state, begin } = setUp({ known })
      await begin('one1', 40)
      const { startedAtMs, startedMonotonicMs } = state.opened!
      expect([startedAtMs, startedAtMs + state.nowMs - startedMonotonicMs]).toEqual([900_000, nowMs])
      // A forced write is due by this clock.
      expect(startedMonotonicMs).toBeLessThan(state.nowMs)
    },
  )

  it('close the one before', async () => {
    const { state, begin } = setUp()
    await begin('one1')
    await begin('two2')
    expect(state.closed).toBe(1)
  })

  it('tell what is filmed just now, and nothing of what has ended', async () => {
    const { state, begin } = setUp()
    await begin('one1', 0, 7, 'take_1')
    await begin('two2', 0, null, 'take_1')
    await begin('three3')
    expect(state.films).toEqual(['take_1', null])
  })
})
