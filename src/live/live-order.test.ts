import { describe, expect, it } from 'vitest'
import { LiveOrder } from './live-order.ts'

describe('the order of the live view', () => {
  /** Which of these are shown: capture time, sequence number, whether a keyframe. */
  const shown = (order: LiveOrder, pictures: [number, number, boolean][]) =>
    pictures.map(([captureMs, sequence, isKeyframe]) => order.shows({ captureMs, sequence }, isKeyframe))

  it('shows what comes in order', () => {
    const pictures: [number, number, boolean][] = [
      [100, 0, true],
      [133, 1, false],
      [166, 2, false],
    ]
    expect(shown(new LiveOrder(), pictures)).toEqual([true, true, true])
  })

  it('goes on from a preview when what was missed has come, and never back', () => {
    const order = new LiveOrder()
    // Shown ahead: the keyframe of a second later.
    expect(shown(order, [[1100, 30, true]])).toEqual([true])
    const missed = Array.from({ length: 31 }, (_, i): [number, number, boolean] => [
      100 + (i * 100) / 3,
      i,
      i % 30 === 0,
    ])
    expect(shown(order, missed)).toEqual(missed.map(() => false))
    expect(shown(order, [[1133, 31, false]])).toEqual([true])
  })

  it('waits for a keyframe where a picture is missing', () => {
    const order = new LiveOrder()
    const pictures: [number, number, boolean][] = [
      [100, 0, true],
      [166, 2, false],
      [200, 3, false],
      [233, 4, true],
    ]
    expect(shown(order, pictures.slice(0, 3))).toEqual([true, false, false])
    expect(order.isTorn).toBe(true)
    expect(shown(order, pictures.slice(3))).toEqual([true])
    expect(order.isTorn).toBe(false)
    // One that is late is just not shown.
    expect([...shown(order, [[150, 9, false]]), order.isTorn]).toEqual([false, false])
  })

  it('begins anew with a camera that has another clock now', () => {
    const order = new LiveOrder()
    expect(shown(order, [[5000, 9, true]])).toEqual([true])
    order.reset()
    expect(shown(order, [[10, 0, true]])).toEqual([true])
  })
})
