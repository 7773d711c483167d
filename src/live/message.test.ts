import { expect, it } from 'vitest'
import {
  annexB,
  hex,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  PPS,
  SPS_64X48,
  SPS_96X64,
  slice,
  toHex,
} from '../../test/support/h264.ts'
import { readAccessUnit } from '../h264/access-unit.ts'
import { ParameterSets } from '../h264/parameter-sets.ts'
import { afterSkipped, messageBytes, setsFor, writeMessage } from './message.ts'

const AUD = hex('0910')
/** A message of a picture, by what came before it. */
function messageOf(payload: Uint8Array, ...before: Uint8Array[]): Buffer {
  const known = new ParameterSets()
  for (const each of before) known.add(readAccessUnit(each))
  const unit = readAccessUnit(payload)
  if (unit.parameterSets) known.add(unit)
  const sets = unit.keyframe ? setsFor(unit, known.configurationFor(unit)!) : new Uint8Array()
  const picture = { sequence: 0xfffffffe, captureMs: 2 ** 53 - 1, arrivalMs: 1.7e12 + 0.5, unit, sets }
  const message = Buffer.alloc(messageBytes(picture))
  writeMessage(message, picture)
  return message
}
const payloadOf = (message: Buffer) => toHex(message.subarray(24))

it('has a header of 24 bytes: flags, sequence, capture time, arrival', () => {
  const message = messageOf(KEYFRAME_WITH_SETS)
  expect(message.subarray(0, 24).toString('hex')).toBe('01000000fffffffe433fffffffffffff4278bcfe56800800')
  expect(afterSkipped(message)[0]).toBe(3)
  expect(message[0]).toBe(1)
  expect(messageOf(annexB(slice('delta')))[0]).toBe(0)
})

it('gives a keyframe the parameter sets that came apart, and leaves one alone that has its own', () => {
  const sets = annexB(SPS_64X48, PPS)
  expect(payloadOf(messageOf(KEYFRAME, sets))).toBe(toHex(sets) + toHex(KEYFRAME))
  expect(payloadOf(messageOf(KEYFRAME_WITH_SETS, sets))).toBe(toHex(KEYFRAME_WITH_SETS))
})

it('gives a keyframe all sets when it brings only some', () => {
  const sets = annexB(SPS_64X48, PPS)
  const keyframe = annexB(PPS, slice('idr'))
  expect(payloadOf(messageOf(keyframe, sets))).toBe(toHex(sets) + toHex(keyframe))
})

it('leaves what stale set an encoder repeats ahead of the new one', () => {
  const keyframe = annexB(SPS_64X48, SPS_96X64, PPS, slice('idr'))
  expect(payloadOf(messageOf(keyframe, annexB(SPS_64X48, PPS)))).toBe(toHex(keyframe))
})

it('leaves an access unit delimiter in front', () => {
  const keyframe = annexB(AUD, slice('idr'))
  const expected = annexB(AUD, SPS_64X48, PPS, slice('idr'))
  expect(payloadOf(messageOf(keyframe, annexB(SPS_64X48, PPS)))).toBe(toHex(expected))
})
