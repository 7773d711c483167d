import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readingOf } from './readings.ts'

it.each([
  ['42', { value: 42 }],
  [' -3.5\n', { value: -3.5 }],
  ['+1e3', { value: 1000 }],
  ['.5', { value: 0.5 }],
  ['1e999', {}],
  [
    '{"t":21.5,"air":{"h":40,"deep":{"er":{"est":1}}},"on":true,"name":"x","no":null}',
    { t: 21.5, 'air.h': 40, 'air.deep.er.est': 1 },
  ],
  ['[1,[2]]', { '0': 1, '1.0': 2 }],
  ['{"x":1e999}', {}],
  ['{}', {}],
])('%j is %j', (text, reading) => {
  expect(readingOf(text)).toEqual(reading)
})

it.each(['', ' ', 'hello', '42 degrees', '"42"', 'true', 'null', '0x10', 'Infinity', 'NaN', '{"a":1', '1,5'])(
  '%j is neither a number nor JSON',
  (text) => {
    expect(readingOf(text)).toBeUndefined()
  },
)

it('throws for no text, and keeps to its bounds', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 8 })), (text) => {
      const reading = readingOf(text)
      const values = Object.values(reading ?? {})
      expect(values.length).toBeLessThanOrEqual(32)
      expect(values.every(Number.isFinite)).toBe(true)
    }),
    { seed: 7 },
  )
  expect(Object.keys(readingOf(JSON.stringify(Array(100).fill(1)))!)).toHaveLength(32)
  expect(readingOf('{"__proto__":{"a":1},"constructor":2}')).toEqual({ '__proto__.a': 1, constructor: 2 })
})
