import { expect, it } from 'vitest'
import { joined } from './device-source.ts'

it('puts what came since behind what was known, field by field, and forgets what is too old', () => {
  const known = [
    { field: 'a', atMs: [1, 5], values: [10, 50] },
    { field: 'old', atMs: [2], values: [20] },
  ]
  const next = [
    { field: 'a', atMs: [7], values: [70] },
    { field: 'new', atMs: [8], values: [80] },
  ]
  expect(joined(known, next, 4)).toEqual([
    { field: 'a', atMs: [5, 7], values: [50, 70] },
    { field: 'new', atMs: [8], values: [80] },
  ])
})
