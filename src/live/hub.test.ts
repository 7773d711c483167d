import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  DELTA,
  hex,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  PPS,
  SPS_96X64,
  slice,
} from '../../test/support/h264.ts'
import { PayloadReading } from '../h264/access-unit.ts'
import { findNalUnits } from '../h264/annexb.ts'
import { readJpeg } from '../jpeg/read-jpeg.ts'
import { LIVE_HEADER_BYTES, LIVE_KEYFRAME, LIVE_SKIPPED } from '../wire/api/events.ts'
import { Hub } from './hub.ts'
import { GroupBudget } from './kept-group.ts'
import { Viewer } from './viewer.ts'

// As it is, and counted.
vi.mock('../h264/annexb.ts', { spy: true })

/** A camera, and viewers whose sockets take everything, unless the test lets bytes wait in them. */
function watched(format: 'h264' | 'jpeg' = 'h264') {
  const delays: number[] = []
  /** Numbers of the pictures at which a keyframe was wanted. */
  const wanted: number[] = []
  let nowMs = 1000
  const clock = { monotonicMs: () => nowMs, wallMs: () => 1_700_000_000_000 + nowMs }
  const hub = new Hub({
    camera: 'c',
    format,
    clock,
    maxGroupBytes: 1e6,
    budget: new GroupBudget(1e9),
    onWanting: () => wanted.push(sequence),
    onSent: (delayMs) => delays.push(delayMs),
  })
  let sequence = 0
  /** Numbers of the pictures that a viewer was too slow for. */
  const skipped: number[] = []
  const watch = (waiting = { bytes: 0 }) => {
    const sent: unknown[] = []
    const socket = {
      readyState: 1 as const,
      OPEN: 1 as const,
      get bufferedAmount() {
        return waiting.bytes
      },
      send: (data: unknown) => void sent.push(data),
      ping: () => {},
    }
    const { group } = hub
    const hello = () => hub.hello()
    const onWanting = () => hub.wanting()
    const onSkipped = () => skipped.push(sequence)
    const options = { socket, group, clock, hello, maxQueuedBytes: 1, onSkipped, onWanting }
    hub.viewers.add(new Viewer(options))
    return sent
  }
  return {
    hub,
    delays,
    wanted,
    skipped,
    watch,
    send: (payload: Uint8Array, lateMs = 0) => {
      const reading = format === 'jpeg' ? jpegReading(payload) : new PayloadReading(payload)
      hub.packet({ captureMs: 5, sequence, payload }, nowMs, reading)
      sequence += 1
      nowMs += lateMs
      return reading
    },
  }
}
const binary = (sent: unknown[]) => sent.filter((each) => Buffer.isBuffer(each))
const texts = (sent: unknown[]) =>
  sent.filter((each) => typeof each === 'string').map((text) => JSON.parse(text as string))

/** What a board's picture is to those who record it and those who show it: all of it, and a keyframe. */
function jpegReading(payload: Uint8Array): PayloadReading {
  return new PayloadReading(payload, (bytes) => {
    readJpeg(bytes)
    return { bytes, units: [0, bytes.length], picture: true, keyframe: true, parameterSets: false }
  })
}

/** SOI, a comment that tells pictures apart, SOF0, EOI: as much of a JPEG as anybody but a browser looks at. */
function jpeg(mark: number, width = 5, height = 3): Uint8Array {
  const [number, lines, samples] = [mark, height, width].map((value) => value.toString(16).padStart(4, '0'))
  return hex(`ffd8 fffe0004${number} ffc0000b08${lines}${samples}01011100 ffd9`)
}

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
  for (const payload of [KEYFRAME_WITH_SETS, KEYFRAME_WITH_SETS, annexB(SPS_96X64, PPS), KEYFRAME])
    send(payload)
  expect(texts(sent)).toMatchObject([
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

describe('a camera that sends JPEG', () => {
  const flags = (sent: unknown[]) => binary(sent).map((message) => (message as Buffer)[0])
  const pictures = (sent: unknown[]) =>
    binary(sent).map((message) => Uint8Array.from((message as Buffer).subarray(LIVE_HEADER_BYTES)))

  it('is told of as jpeg, with its size, and each picture is shown by itself as it came', () => {
    const { watch, send, delays, wanted } = watched('jpeg')
    const sent = watch()
    const all = [1, 2, 3].map((mark) => jpeg(mark))
    for (const picture of all) send(picture)
    expect(texts(sent)).toMatchObject([
      { type: 'hello', camera: 'c', codec: null, width: null, height: null },
      { codec: 'jpeg', width: 5, height: 3 },
    ])
    expect(pictures(sent)).toEqual(all)
    expect(flags(sent)).toEqual([LIVE_KEYFRAME, LIVE_KEYFRAME, LIVE_KEYFRAME])
    expect(delays).toHaveLength(3)
    expect(wanted).toEqual([])
  })

  it('shows who comes its last picture at once, and keeps no other', () => {
    const { hub, watch, send } = watched('jpeg')
    for (const mark of [1, 2, 3]) send(jpeg(mark))
    expect(hub.group.pictures).toBe(1)
    const sent = watch()
    expect(texts(sent)).toMatchObject([{ codec: 'jpeg', width: 5, height: 3 }])
    expect(pictures(sent)).toEqual([jpeg(3)])
    send(jpeg(4))
    expect(pictures(sent)).toEqual([jpeg(3), jpeg(4)])
    expect(flags(sent)).toEqual([LIVE_KEYFRAME, LIVE_KEYFRAME])
  })

  it('may change its size: that is told ahead of the first picture of it, and once', () => {
    const { watch, send } = watched('jpeg')
    const sent = watch()
    for (const picture of [jpeg(1), jpeg(2, 1600, 1200), jpeg(3, 1600, 1200), jpeg(4)]) send(picture)
    const order = sent.map((each) => (typeof each === 'string' ? JSON.parse(each).width : 'picture'))
    expect(order).toEqual([null, 5, 'picture', 1600, 'picture', 'picture', 5, 'picture'])
  })

  it('is shown to a slow viewer as far as that takes it, and whole to others', () => {
    const { watch, send, skipped } = watched('jpeg')
    const waiting = { bytes: 0 }
    const [slow, quick] = [watch(waiting), watch()]
    send(jpeg(1))
    waiting.bytes = 2
    for (const mark of [2, 3]) send(jpeg(mark))
    waiting.bytes = 0
    for (const mark of [4, 5]) send(jpeg(mark))
    expect(pictures(quick)).toHaveLength(5)
    expect(pictures(slow)).toEqual([jpeg(1), jpeg(4), jpeg(5)])
    expect(flags(slow)).toEqual([LIVE_KEYFRAME, LIVE_KEYFRAME | LIVE_SKIPPED, LIVE_KEYFRAME])
    expect(skipped).toEqual([1, 2])
  })

  it('shows nothing of what is no picture, and goes on with the next', () => {
    const { watch, send } = watched('jpeg')
    const sent = watch()
    const whole = jpeg(1)
    for (let bytes = 0; bytes < whole.length; bytes += 1) send(whole.subarray(0, bytes))
    expect(binary(sent)).toEqual([])
    send(whole)
    expect(pictures(sent)).toEqual([whole])
  })
})
