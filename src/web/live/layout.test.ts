import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Box, layoutTiles } from './layout.ts'

const LAPTOP = { width: 1342, height: 560, gap: 12, bar: 48 }
const columnsOf = (tiles: Box[]) => tiles.filter(({ top }) => top === tiles[0]!.top).length

it.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 2],
  [6, 3],
  [9, 5],
  [16, 6],
])('shows %i cameras on a laptop in %i columns', (count, columns) => {
  expect(columnsOf(layoutTiles({ ...LAPTOP, count }).tiles)).toBe(columns)
})

it('scrolls on a phone rather than showing stamps', () => {
  const room = { width: 366, height: 480, gap: 12, bar: 48 }
  expect(columnsOf(layoutTiles({ ...room, count: 2 }).tiles)).toBe(1)
  const many = layoutTiles({ ...room, count: 16 })
  expect(columnsOf(many.tiles)).toBe(2)
  expect(many.height).toBeGreaterThan(room.height)
})

it('keeps tiles apart and inside, however many there are and whichever is big', () => {
  const size = fc.record({
    width: fc.integer({ min: 300, max: 3840 }),
    height: fc.integer({ min: 200, max: 2160 }),
  })
  const count = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(size, count, fc.option(fc.nat(39), { nil: undefined }), (room, total, at) => {
      const big = at === undefined ? undefined : at % total
      const { tiles, height } = layoutTiles({ ...room, gap: 12, bar: 48, count: total, big })
      expect(tiles).toHaveLength(total)
      for (const [i, a] of tiles.entries()) {
        expect(a.width).toBeGreaterThan(100)
        expect(a.left).toBeGreaterThanOrEqual(0)
        expect(a.top).toBeGreaterThanOrEqual(0)
        expect(a.left + a.width).toBeLessThanOrEqual(room.width)
        expect(a.top + a.height).toBeLessThanOrEqual(height)
        for (const b of tiles.slice(i + 1)) expect(overlap(a, b)).toBe(false)
      }
    }),
    { seed: 4, numRuns: 100 },
  )
})

function overlap(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  )
}
