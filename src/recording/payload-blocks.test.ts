import fc from 'fast-check'
import { expect, it } from 'vitest'
import { appendPiece, BLOCK_BYTES, BlockPool, PayloadBlocks } from './payload-blocks.ts'

const payloadOf = (size: number, fill: number) => new Uint8Array(size).fill(fill)

it('keeps payloads as they came until they are written, the latest one a batch longer', () => {
  // What a recording does: the picture that ends a fragment is the first of the next one.
  const sizes = fc.array(fc.integer({ min: 0, max: BLOCK_BYTES + 10 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.nat(4)), (list, choices) => {
      const pool = new BlockPool(16 * BLOCK_BYTES)
      const blocks = new PayloadBlocks(pool)
      const waiting: { pieces: { copy: Uint8Array; fill: number }[]; onWritten: () => void }[] = []
      let open: { copy: Uint8Array; fill: number }[] = []
      const writeOne = () => {
        const batch = waiting.shift()
        for (const { copy, fill } of batch?.pieces ?? []) expect(copy.every((b) => b === fill)).toBe(true)
        batch?.onWritten()
        // Somebody else uses what was given back.
        const other = pool.take().fill(255)
        pool.giveBack([other])
      }
      for (const [i, size] of list.entries()) {
        const last = { copy: blocks.copy(payloadOf(size, i)), fill: i }
        open.push(last)
        if (choices.next().value === 0) {
          waiting.push({ pieces: open, onWritten: blocks.takeFilled() })
          open = [last]
        }
        if (choices.next().value === 0) writeOne()
      }
      while (waiting.length > 0) writeOne()
    }),
    { seed: 7, numRuns: 60 },
  )
})

it('makes one piece of payloads that lie one behind the other', () => {
  const blocks = new PayloadBlocks(new BlockPool(0))
  const pieces: Uint8Array[] = []
  for (const fill of [1, 2, 3]) appendPiece(pieces, blocks.copy(payloadOf(2, fill)))
  expect(pieces.map((piece) => [...piece])).toEqual([[1, 1, 2, 2, 3, 3]])
  appendPiece(pieces, payloadOf(1, 4))
  expect(pieces).toHaveLength(2)
})

it('uses the same block again, and keeps no more than it may', () => {
  const pool = new BlockPool(BLOCK_BYTES)
  const [first, second] = [pool.take(), pool.take()]
  pool.giveBack([first, second])
  expect(pool.take()).toBe(first)
  expect(pool.take()).not.toBe(second)
})
