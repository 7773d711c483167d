import { expect, it } from 'vitest'
import { numbered } from './camera-names.ts'

it('numbers devices of one kind, which a name given to one of them does not change', () => {
  const list = [
    { id: 'a', name: null, model: 'Pixel 6a' },
    { id: 'b', name: 'Wide', model: 'Pixel 6a' },
    { id: 'c', name: null, model: 'Pixel 6a' },
    { id: 'd', name: null, model: null },
    { id: 'e', name: 'Wide', model: null },
  ]
  expect(numbered(list).map(([, name]) => name)).toEqual(['Pixel 6a', 'Wide', 'Pixel 6a (3)', 'd', 'Wide'])
})
