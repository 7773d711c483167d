import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  DELTA,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  PPS,
  SPS_96X64,
  slice,
} from '../../test/support/h264.ts'
import { PayloadReading } from '../h264/access-unit.ts'
import { findNalUnits } from '../h264/annexb.ts'
import { Hub } from './hub.ts'
import { GroupBudget } from './kept-group.ts'
import { Viewer } from './viewer.ts'

// As it is, and counted.
vi.mock('../h264/annexb.ts', { spy: true })

/** A camera, and viewers whose sockets take everything. */
function watched() {
  const delays: number[] = []
  /** Numbers of the pictures at which a keyframe was wanted. */
  const wanted: number[] = []
  let nowMs = 1000
  const clock = { monotonicMs: () => nowMs, wallMs: () => 1_700_000_000_000 + nowMs }
  const hub = new Hub({
    camera: 'c',
    format: 'h264',
    clock,
    maxGroupBytes: 1e6,
    budget: new GroupBudget(1e9),
    onWanting: () => wanted.push(sequence),
    onSent: (delayMs) => delays.push(delayMs),
  })
  let sequence = 0
  const watch = () => {
    const sent: unknown[] = []
    const socket = {
      readyState: 1 as const,
      OPEN: 1 as const,
      bufferedAmount: 0,
      send: (data: unknown) => void sent.push(data),
      ping: () => {},
    }
    const { group } = hub
    const hello = () => hub.hello()
    const onWanting = () => hub.wanting()
    const options = { socket, group, clock, hello, maxQueuedBytes: 1, onSkipped: () => {}, onWanting }
    hub.viewers.add(new Viewer(options))
    return sent
  }
  return {
    hub,
    delays,
    wanted,
    watch,
    send: (payload: Uint8Array, lateMs = 0) => {
      const reading = new PayloadReading(payload)
      hub.packet({ captureMs: 5, sequence, payload }, nowMs, reading)
      sequence += 1
      nowMs += lateMs
      return reading
    },
  }
}
const binary = (sent: unknown[]) => sent.filter((each) => Buffer.isBuffer(each))

it('looks through a picture once and makes one message of it, whoever gets it', () => {
  const { watch, send } = watched()
  const all = Array.from({ length: 50 }, watch)
  vi.mocked(findNalUnits).mockClear()
  send(KEYFRAME_WITH_SETS)
  send(DELTA)
  expect(findNalUnits).toHaveBeenCalledTimes(2)
  for (const sent of all) {
    expect(binary(sent)).toHaveLength(2)
    expect(binary(sent).every((message, i) => message === binary(all[0]!)[i])).toBe(true)
  }
})

it('is looked at while a viewer wants all pictures', () => {
  const { hub, watch } = watched()
  expect(hub.isLookedAt).toBe(false)
  watch()
  expect(hub.isLookedAt).toBe(true)
  for (const viewer of hub.viewers) viewer.pace = 'keyframes'
  expect(hub.isLookedAt).toBe(false)
  watch()
  expect(hub.isLookedAt).toBe(true)
})

it('looks through a payload that others have looked through no second time', () => {
  const { send } = watched()
  const reading = send(KEYFRAME_WITH_SETS)
  expect(reading.unit).toBe(reading.unit)
})

it('makes no message that nobody watches, and keeps the picture all the same', () => {
  const { hub, watch, send, delays } = watched()
  send(CONFIGURATION)
  send(KEYFRAME)
  send(DELTA)
  expect([hub.group.pictures, delays]).toEqual([2, []])
  expect(binary(watch())).toHaveLength(1 + 1)
})

it('says when a picture came by the wall clock, and how long it took', () => {
  const { watch, send, delays } = watched()
  const sent = watch()
  send(KEYFRAME_WITH_SETS, 40)
  send(DELTA)
  const [, second] = binary(sent) as Buffer[]
  expect(second!.readDoubleBE(16)).toBe(1_700_000_001_040)
  expect(delays).toEqual([0, 0])
})

it('sends nothing that cannot be decoded: neither before a keyframe nor while its parameter sets are unknown', () => {
  const { watch, send } = watched()
  const sent = watch()
  for (const payload of [DELTA, KEYFRAME, DELTA, annexB(PPS), KEYFRAME, DELTA]) send(payload)
  expect(binary(sent)).toHaveLength(0)
  send(KEYFRAME_WITH_SETS)
  send(DELTA)
  expect(binary(sent)).toHaveLength(2)
  send(annexB(slice('idr', { pps: 5 })))
  send(DELTA)
  expect(binary(sent)).toHaveLength(2)
})

it('tells codec and size anew when they change, and not when they are only repeated', () => {
  const { watch, send } = watched()
  const sent = watch()
  const texts = () =>
    sent.filter((each) => typeof each === 'string').map((text) => JSON.parse(text as string))
  for (const payload of [KEYFRAME_WITH_SETS, KEYFRAME_WITH_SETS, annexB(SPS_96X64, PPS), KEYFRAME])
    send(payload)
  expect(texts()).toMatchObject([
    { type: 'hello', camera: 'c', codec: null, width: null, height: null },
    { codec: 'avc1.42C00A', width: 64, height: 48 },
    { codec: 'avc1.42C00A', width: 96, height: 64 },
  ])
  expect(typeof sent.at(-2)).toBe('string')
})

it('never throws for what a camera sends', () => {
  const { watch, send } = watched()
  const sent = watch()
  const piece = fc.oneof(
    fc.constantFrom(CONFIGURATION, KEYFRAME, DELTA, KEYFRAME_WITH_SETS, annexB(PPS, SPS_96X64)),
    fc.uint8Array({ maxLength: 40 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
      send(Buffer.concat(pieces))
    }),
    { seed: 20261125, numRuns: 2000 },
  )
  expect(binary(sent).length).toBeGreaterThan(10)
})

it('wants a keyframe while there is none and somebody watches', () => {
  const { send, watch, wanted } = watched()
  send(DELTA)
  expect(wanted).toEqual([])
  watch()
  send(DELTA)
  send(KEYFRAME_WITH_SETS)
  send(DELTA)
  expect(wanted).toEqual([1])
})
