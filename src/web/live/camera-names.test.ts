import { expect, it } from 'vitest'
import { numbered } from './camera-names.ts'

it('numbers devices of one kind, and leaves names that people gave', () => {
  const list = [
    { id: 'a', name: null, model: 'Pixel 6a' },
    { id: 'b', name: 'Wide', model: 'Pixel 6a' },
    { id: 'c', name: null, model: 'Pixel 6a' },
    { id: 'd', name: null, model: null },
    { id: 'e', name: 'Wide', model: null },
  ]
  expect(numbered(list).map(([, name]) => name)).toEqual(['Pixel 6a', 'Wide', 'Pixel 6a (2)', 'd', 'Wide'])
})
