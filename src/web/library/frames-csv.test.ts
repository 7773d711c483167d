import { expect, it } from 'vitest'
import { FramesParser } from './frames-csv.ts'

const HEADER = 'sequence,capture_ms,arrival_ms,media_ms,bytes,keyframe\n'
const bytesOf = (text: string) => new TextEncoder().encode(text)

function parsed(text: string) {
  const parser = new FramesParser()
  parser.push(bytesOf(text))
  return parser.frames
}

it('reads every column, empty fields as NaN', () => {
  const frames = parsed(
    `${HEADER}1,179992211,1795562858218,0,91163,1\n,179992244,,33.011111,9318,0\n3,179992277,1795562858284,,18,0\n`,
  )
  expect(frames.rows).toBe(3)
  expect([...frames.sequence]).toEqual([1, Number.NaN, 3])
  expect([...frames.captureMs]).toEqual([179992211, 179992244, 179992277])
  expect([...frames.arrivalMs]).toEqual([1795562858218, Number.NaN, 1795562858284])
  expect(frames.mediaMs[0]).toBe(0)
  expect(frames.mediaMs[1]).toBeCloseTo(33.011111, 6)
  expect(frames.mediaMs[2]).toBeNaN()
  expect([...frames.bytes]).toEqual([91163, 9318, 18])
  expect([...frames.keyframe]).toEqual([1, 0, 0])
})

it('reads the same wherever the pieces are cut', () => {
  const text = `${HEADER}1,10,1795562858218,0,91163,1\n2,43,1795562858250,33,9318,0\n`
  const bytes = bytesOf(text)
  const whole = parsed(text)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const parser = new FramesParser()
    parser.push(bytes.subarray(0, cut))
    parser.push(bytes.subarray(cut))
    expect(parser.frames, `cut at ${cut}`).toEqual(whole)
  }
})

it('leaves out the header, torn rows, and a last line without its end', () => {
  expect(parsed('').rows).toBe(0)
  expect(parsed(HEADER).rows).toBe(0)
  expect(parsed(`${HEADER}1,10,20,0,5,1\n2,43,53,33,9`).rows).toBe(1)
  expect([...parsed(`${HEADER}1,10,20,0,5,1\nx,1,2,3,4,0\n1,2\n\n2,43,53,33,9,0\n`).sequence]).toEqual([1, 2])
  expect(parsed(`${HEADER}1,2,3,4,5,1,7\n`).rows).toBe(0)
})

it('holds more rows than it began with room for', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${i * 33},${i * 33 + 7},${i * 33},100,0\n`)
  const { rows, mediaMs, sequence } = parsed(HEADER + lines.join(''))
  expect(rows).toBe(20_000)
  expect(mediaMs[19_999]).toBe(19_999 * 33)
  expect(sequence[12_345]).toBe(12_345)
})
