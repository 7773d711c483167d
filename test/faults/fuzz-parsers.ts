/** What a camera sends and what lies on the disk, damaged, given to what reads it: it refuses, or goes on. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { splitAccessUnits } from '../../src/h264/split.ts'
import { readFinalCounts, scanFragments, scanHead } from '../../src/mp4/scan.ts'
import { recordingDocumentSchema } from '../../src/recording/document.ts'
import { builtInStream } from '../../src/simulate/built-in-stream.ts'
import { encodeFramePacket, parseFramePacket } from '../../src/wire/frame-packet.ts'
import { parseCameraMessage } from '../../src/wire/messages.ts'
import { FUZZ_TIMEOUT_MS, fuzz, Mutator } from '../support/fuzz.ts'
import { annexB, KEYFRAME_WITH_SETS, smallPps, smallSps, unitsOf } from '../support/h264.ts'
import { recorded } from '../support/mangle.ts'
import { setUpRecorder } from '../support/recorder.ts'

const STREAMS = fileURLToPath(new URL('../../../shared/conformance', import.meta.url))
/** Of each stream: parameter sets, key pictures and others stand at its beginning. */
const UNITS_OF_A_STREAM = 12
const MAX_UNIT_BYTES = 24_000
/** Packets that one recording takes in before the next begins. */
const PACKETS_OF_A_RECORDING = 200

/** Access units, and NAL units alone, of every stream that is there. */
function corpus(): Uint8Array[] {
  const files = existsSync(STREAMS)
    ? readdirSync(STREAMS)
        .filter((name) => !name.endsWith('.md'))
        .map((name) => new Uint8Array(readFileSync(join(STREAMS, name))))
    : []
  const accessUnits = [builtInStream(), ...files].flatMap((stream) =>
    splitAccessUnits(stream)
      .slice(0, UNITS_OF_A_STREAM)
      .filter(({ length }) => length < MAX_UNIT_BYTES),
  )
  const sets = accessUnits
    .flatMap(unitsOf)
    .filter((unit) => [6, 7, 8, 13, 15].includes(unit[0]! & 31))
    .map((unit) => annexB(unit))
  const small = [annexB(smallSps(0, 4, 3), smallPps(0, 0)), annexB(smallSps(1, 6, 4), smallPps(1, 1))]
  return [...accessUnits, ...sets, ...small, KEYFRAME_WITH_SETS]
}

it(
  'frame packets: none is taken whose length is not what it says, and none breaks the reader',
  async () => {
    const random = new Mutator(31)
    const captureMs = () => random.of([0, 1, 2 ** 32, 2 ** 53 - 1, random.below(2 ** 32)])
    const whole = Array.from({ length: 64 }, () =>
      encodeFramePacket({
        captureMs: captureMs(),
        sequence: random.below(2 ** 32),
        payload: new Uint8Array(random.below(64)),
      }),
    )
    await fuzz(
      'frame packets',
      () => random.harm(random.of(whole), whole),
      (message) => {
        try {
          const packet = parseFramePacket(message)
          expect(packet.payload.length).toBe(message.length - 16)
          expect(Number.isSafeInteger(packet.captureMs)).toBe(true)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
        }
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

it(
  'H.264: a recording takes whatever comes, and counts it',
  async () => {
    const random = new Mutator(32)
    const units = corpus()
    let set = setUpRecorder()
    let packets = 0
    let captureMs = 1000
    let sequence = 0
    const end = async () => {
      set.recorder.disconnected()
      await set.recorder.close()
      const { document, rows } = set.folders[0]!
      recordingDocumentSchema.parse(document)
      const { integrity, errors } = document
      expect(integrity.packets).toBe(packets)
      expect(rows.split('\n').length - 2 + integrity.notH264 + integrity.configurationPackets).toBe(packets)
      expect(errors.length).toBeLessThanOrEqual(20)
      set = setUpRecorder()
      packets = 0
    }
    await fuzz(
      'H.264',
      () => random.harm(random.of(units), units),
      (payload) => {
        if (packets === 0) {
          set.recorder.captureStarted()
          sequence = 0
        }
        // Most go on by the clock and the count; some say anything.
        captureMs = random.chance(50) ? random.of([0, 2 ** 53 - 1, random.below(2 ** 32)]) : captureMs + 33
        if (!Number.isSafeInteger(captureMs)) captureMs = 0
        sequence = random.chance(50) ? random.below(2 ** 32) : (sequence + 1) >>> 0
        packets += 1
        set.time.nowMs += 33
        set.recorder.packet({ captureMs, sequence, payload }, set.time.nowMs)
        if (packets % 10 === 0) set.recorder.tick()
        return packets >= PACKETS_OF_A_RECORDING ? end() : undefined
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

it(
  'JSON texts: each is a message or none',
  async () => {
    const random = new Mutator(33)
    const words = ['ready', 'capture_started', 'capture_stopped', 'error', 'capabilities']
    const nearly = fc.record(
      {
        status: fc.oneof(fc.constantFrom(...words), fc.jsonValue()),
        message: fc.jsonValue(),
        type: fc.oneof(fc.constantFrom(...words), fc.jsonValue()),
        resolutions: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ width: fc.jsonValue(), height: fc.nat() })),
        ),
        __proto__: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const whole = fc
      .sample(
        fc.oneof(
          fc.json(),
          nearly.map((value) => JSON.stringify(value)),
        ),
        {
          seed: 33,
          numRuns: 500,
        },
      )
      .map((text) => Buffer.from(text))
    await fuzz(
      'JSON texts',
      () => Buffer.from(random.harm(random.of(whole), whole)).toString('utf8'),
      (text) => {
        expect(['status', 'capabilities', 'unknown']).toContain(parseCameraMessage(text).kind)
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)

it(
  'MP4 bytes: what is no whole file of ours is read up to its first harm, or refused',
  async () => {
    const random = new Mutator(34)
    const { growing, closed } = await recorded()
    const whole = [growing, closed].flatMap((files) => [files.get('stream.mp4')!, files.get('stream.2.mp4')!])
    await fuzz(
      'MP4 bytes',
      () => random.harm(random.of(whole), whole),
      async (file) => {
        const read = async (offset: number, length: number) => file.subarray(offset, offset + length)
        try {
          const head = await scanHead(read)
          let endOffset = head.fragmentsOffset
          for await (const fragment of scanFragments(read, head)) {
            expect(fragment.endOffset).toBeGreaterThan(endOffset)
            expect(fragment.endOffset).toBeLessThanOrEqual(file.length)
            endOffset = fragment.endOffset
          }
          if (head.finalMoovOffset !== undefined) await readFinalCounts(read, head.finalMoovOffset)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
        }
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)
