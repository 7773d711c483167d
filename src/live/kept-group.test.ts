import { expect, it } from 'vitest'
import { GroupBudget, KeptGroup } from './kept-group.ts'

const KIB = 1024
const plenty = () => new GroupBudget(1e9)

function add(group: KeptGroup, bytes: number, fill: number): boolean {
  const room = group.add(bytes)
  room?.fill(fill)
  return room !== undefined
}
const kept = (group: KeptGroup) =>
  Array.from({ length: group.pictures }, (_, i) => {
    const message = group.copy(i)
    expect(message.every((byte) => byte === message[0])).toBe(true)
    return [message.length, message[0]]
  })

it('keeps what came since the last keyframe, in order, while it grows', () => {
  const group = new KeptGroup(8 * KIB * KIB, plenty())
  const sizes = Array.from({ length: 40 }, (_, i) => 1 + ((i * 7919) % 50_000))
  for (const [i, size] of sizes.entries()) expect(add(group, size, i)).toBe(true)
  expect(kept(group)).toEqual(sizes.map((size, i) => [size, i]))
  group.begin()
  expect(group.pictures).toBe(0)
  add(group, 10, 77)
  expect(kept(group)).toEqual([[10, 77]])
})

it('gives copies: what a socket still holds does not change with the next group', () => {
  const group = new KeptGroup(KIB, plenty())
  add(group, 100, 1)
  const copy = group.copy(0)
  group.begin()
  add(group, 100, 2)
  expect(copy.every((byte) => byte === 1)).toBe(true)
})

it('cuts a group that is too large down to its keyframe, until the next one', () => {
  const group = new KeptGroup(1000, plenty())
  add(group, 600, 1)
  add(group, 400, 2)
  expect([kept(group).length, group.isCut]).toEqual([2, false])
  expect(add(group, 1, 3)).toBe(false)
  expect(add(group, 1, 4)).toBe(false)
  expect([kept(group), group.isCut]).toEqual([[[600, 1]], true])
  group.begin()
  expect([add(group, 1000, 5), kept(group), group.isCut]).toEqual([true, [[1000, 5]], false])
})

it('keeps nothing of a keyframe that is too large, nor of what follows it', () => {
  const group = new KeptGroup(1000, plenty())
  expect(add(group, 1001, 1)).toBe(false)
  expect(add(group, 10, 2)).toBe(false)
  expect([group.pictures, group.isCut]).toEqual([0, true])
})

it('shares what there is for all: one that finds nothing left keeps its keyframe, and is whole when another goes', () => {
  const budget = new GroupBudget(600 * KIB)
  const [one, other] = [new KeptGroup(KIB * KIB, budget), new KeptGroup(KIB * KIB, budget)]
  expect(add(one, 200 * KIB, 1)).toBe(true)
  expect(add(other, 200 * KIB, 1)).toBe(true)
  expect(add(other, 200 * KIB, 2)).toBe(false)
  expect(kept(other)).toEqual([[200 * KIB, 1]])
  one.close()
  one.close()
  expect(one.pictures).toBe(0)
  other.begin()
  for (let i = 0; i < 3; i += 1) expect(add(other, 190 * KIB, i)).toBe(i < 2)
  other.close()
  expect([budget.take(600 * KIB), budget.take(1)]).toEqual([true, false])
})
