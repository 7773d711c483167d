import { expect, it } from 'vitest'
import { endLongest } from './camera-server.ts'

it('ends those that hold most of half messages, and no more than it must', () => {
  const cut: number[] = []
  const camera = (halfBytes: number) => ({ halfBytes, cut: () => cut.push(halfBytes) })
  const cameras = [10, 90, 20, 80].map(camera)
  endLongest(cameras, 200)
  expect(cut).toEqual([])
  endLongest(cameras, 50)
  expect(cut).toEqual([90, 80])
})
