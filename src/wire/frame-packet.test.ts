import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/h264.ts'
import { ProtocolError } from '../errors.ts'
import { encodeFramePacket, FRAME_PACKET_HEADER_BYTES, parseFramePacket } from './frame-packet.ts'

const packets = fc.record({
  captureMs: fc.oneof(fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER), fc.maxSafeNat()),
  sequence: fc.oneof(fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1)),
  payload: fc.uint8Array({ maxLength: 64 }),
})

/** capture time 0x1_0000_0002, sequence 0xfffffffe, three bytes. */
const MESSAGE = '00000001 00000002 fffffffe 00000003 000001'

function refusal(message: Uint8Array): ProtocolError {
  try {
    parseFramePacket(message)
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error(`${toHex(message)} was taken`)
}

describe('parseFramePacket', () => {
  it('reads capture time, sequence number and payload, big-endian', () => {
    expect(parseFramePacket(hex(MESSAGE))).toEqual({
      captureMs: 2 ** 32 + 2,
      sequence: 0xfffffffe,
      payload: hex('000001'),
    })
  })

  it('gives the payload as a view into the message', () => {
    const message = hex(MESSAGE)
    expect(parseFramePacket(message).payload.buffer).toBe(message.buffer)
  })

  it('reads a message that begins within a larger buffer, as sockets give it', () => {
    const pool = hex(`ffff ${MESSAGE} ffff`)
    expect(parseFramePacket(pool.subarray(2, 21))).toEqual(parseFramePacket(hex(MESSAGE)))
  })

  it('takes a packet without payload', () => {
    expect(parseFramePacket(hex('0000000000000000 00000000 00000000')).payload).toHaveLength(0)
  })

  it('refuses a message cut at any byte', () => {
    const message = hex(MESSAGE)
    for (let cut = 0; cut < message.length; cut += 1)
      expect(refusal(message.subarray(0, cut)).code).toBe(
        cut < FRAME_PACKET_HEADER_BYTES ? 'PACKET_TOO_SHORT' : 'PACKET_LENGTH_MISMATCH',
      )
  })

  it.each([
    ['one byte less', '0000000000000000 00000000 00000002 aabbcc', '2', '3'],
    ['one byte more', '0000000000000000 00000000 00000004 aabbcc', '4', '3'],
    ['4 GiB', '0000000000000000 00000000 ffffffff aabbcc', '4294967295', '3'],
  ])('refuses a header that announces %s, and names both lengths', (_title, message, announced, got) => {
    const error = refusal(hex(message))
    expect(error.code).toBe('PACKET_LENGTH_MISMATCH')
    expect(error.message).toBe(`the header announces ${announced} bytes of payload; got ${got}`)
  })

  it('names the rule and the size when a message is too short', () => {
    expect(refusal(hex('0011')).message).toBe('a frame packet has a header of 16 bytes; got 2 bytes in all')
  })

  it.each([
    ['0', '0000000000000000', 0],
    ['2^32 - 1', '00000000ffffffff', 2 ** 32 - 1],
    ['2^53 - 1', '001fffffffffffff', 2 ** 53 - 1],
  ])('takes capture time %s', (_title, time, captureMs) => {
    expect(parseFramePacket(hex(`${time} 00000000 00000000`)).captureMs).toBe(captureMs)
  })

  it.each([
    ['2^53', '0020000000000000', '9007199254740992'],
    ['2^53 + 1', '0020000000000001', '9007199254740992'],
    ['2^64 - 1', 'ffffffffffffffff', '18446744073709552000'],
  ])('refuses capture time %s, which no number holds exactly', (_title, time, got) => {
    const error = refusal(hex(`${time} 00000000 00000000`))
    expect(error.code).toBe('CAPTURE_TIME_INVALID')
    expect(error.message).toBe(`a capture time is at most 2^53 - 1 ms; got ${got}`)
  })

  it('throws nothing but ProtocolError, whatever comes', () => {
    const messages = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    fc.assert(
      fc.property(messages, (message) => {
        try {
          expect(parseFramePacket(message).payload).toHaveLength(message.length - FRAME_PACKET_HEADER_BYTES)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })
})

describe('encodeFramePacket', () => {
  it('writes the header of 16 bytes and the payload behind it', () => {
    const packet = { captureMs: 2 ** 32 + 2, sequence: 0xfffffffe, payload: hex('000001') }
    expect(encodeFramePacket(packet)).toEqual(hex(MESSAGE))
  })

  it('is undone by parseFramePacket', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(parseFramePacket(encodeFramePacket(packet))).toEqual(packet)
      }),
      { seed: 2, numRuns: 1000 },
    )
  })
})
