import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from '../../test/support/h264.ts'
import { jpegPictures } from '../../test/support/jpeg.ts'
import { ProtocolError } from '../errors.ts'
import { readJpeg } from './read-jpeg.ts'

/** SOI, a comment, SOF0 of 5 × 3 pixels with one component, EOI. */
const SMALL = 'ffd8 fffe0004abcd ffc0000b080003000501011100 ffd9'
/** With what ffmpeg calls the kinds of chroma; the camera of the boards sends 4:2:2. */
const SIZES = [
  ['16x8', 'yuvj420p'],
  ['161x121', 'yuvj444p'],
  ['1280x720', 'yuvj422p'],
] as const

function outcome(bytes: Uint8Array): string {
  try {
    const { width, height } = readJpeg(bytes)
    return `${width}x${height}`
  } catch (error) {
    // Anything else is a bug.
    if (!(error instanceof ProtocolError) || error.code !== 'JPEG_INVALID') throw error
    return error.message
  }
}

describe('a JPEG', () => {
  it.each(SIZES)('tells its size: %s %s', async (size, kind) => {
    for (const picture of await jpegPictures(2, size, ['-pix_fmt', kind])) expect(outcome(picture)).toBe(size)
  })

  it('may have fill bytes ahead of a marker, and zeros behind its end', () => {
    expect(outcome(hex(SMALL))).toBe('5x3')
    expect(outcome(hex(SMALL.replace('ffc0', 'ffffffc0')))).toBe('5x3')
    expect(outcome(hex(`${SMALL}000000`))).toBe('5x3')
    expect(outcome(hex(SMALL.replace('00030005', '10001000')))).toBe('4096x4096')
  })

  it.each([
    ['', 'at least 17 bytes'],
    [SMALL.replace('ffd8', 'ffd9'), 'begins with its start marker'],
    [`${SMALL}ab`, 'ends with its end marker'],
    [SMALL.replace('ffd9', 'ffd8'), 'ends with its end marker'],
    [SMALL.replace('ffc0', 'abc0'), 'has a marker at byte 8; got 171'],
    [SMALL.replace('ffc0', 'ffda'), 'has a frame header ahead of marker FF da'],
    [SMALL.replace('ffc0', 'ffd0'), 'has a frame header ahead of marker FF d0'],
    [SMALL.replace('ffc0', 'ffc4'), 'has a frame header'],
    [SMALL.replace('fffe0004', 'fffe0000'), 'whole segments'],
    [SMALL.replace('fffe0004', 'fffe0400'), 'whole segments'],
    [SMALL.replace('00030005', '00000005'), 'has a size; got 5x0'],
    [SMALL.replace('00030005', '00030000'), 'has a size; got 0x3'],
    [SMALL.replace('00030005', '10001001'), 'has at most 4096x4096 pixels; got 4097x4096'],
    [SMALL.replace('00030005', 'ffdcffdc'), 'has at most 4096x4096 pixels; got 65500x65500'],
  ])('is none: %s', (text, rule) => {
    expect(outcome(hex(text))).toContain(rule)
  })

  it('is none when it is cut, wherever', async () => {
    const [picture] = await jpegPictures(1, '640x480')
    const header = 1024
    const cuts = Array.from({ length: picture!.length }, (_, i) => i)
    for (const cut of cuts.filter((at) => at < header || at % 97 === 0 || at > picture!.length - 4))
      expect(outcome(picture!.subarray(0, cut)), `cut at ${cut}`).toMatch(/^a JPEG picture /)
  })

  it('whatever comes: a size or an error of the protocol', async () => {
    const [picture] = await jpegPictures(1, '64x48')
    const changed = fc.array(fc.tuple(fc.nat(picture!.length - 1), fc.nat(255)), { maxLength: 6 })
    fc.assert(
      fc.property(changed, fc.nat(picture!.length), (changes, length) => {
        const bytes = Uint8Array.from(picture!.subarray(0, length || picture!.length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        expect(outcome(bytes)).toMatch(/^\d+x\d+$|^a JPEG picture /)
      }),
      { seed: 20261126, numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(outcome(Uint8Array.of(0xff, 0xd8, ...bytes, 0xff, 0xd9))).toBeTruthy()
      }),
      { seed: 20261126, numRuns: 500 },
    )
  })
})
