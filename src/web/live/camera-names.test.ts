import { expect, it } from 'vitest'
import { numbered } from './camera-names.ts'

it('numbers devices that call themselves the same, which a name given to one of them does not change', () => {
  const list = [
    { id: 'a', name: null, ownName: null, model: 'Pixel 6a' },
    { id: 'b', name: 'Wide', ownName: null, model: 'Pixel 6a' },
    { id: 'c', name: null, ownName: null, model: 'Pixel 6a' },
    { id: 'd', name: null, ownName: null, model: null },
    { id: 'e', name: 'Wide', ownName: null, model: null },
    { id: 'f', name: null, ownName: 'Lea', model: 'Pixel 6a' },
    { id: 'g', name: null, ownName: 'Lea', model: null },
  ]
  expect(numbered(list).map(([, name]) => name)).toEqual([
    'Pixel 6a',
    'Wide',
    'Pixel 6a (3)',
    'd',
    'Wide',
    'Lea',
    'Lea (2)',
  ])
})
