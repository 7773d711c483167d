import { expect, it } from 'vitest'
import { keyIn, socketUrl } from './camera-key.ts'

it.each([
  ['#key=abc', 'abc'],
  ['#key=a%20b&x=1', 'a b'],
  ['#key=', undefined],
  ['#', undefined],
  ['', undefined],
  ['#/live', undefined],
])('finds the key in %s', (hash, key) => {
  expect(keyIn(hash)).toBe(key)
})

it('goes to the server that the page came from, over TLS where the page did', () => {
  expect(socketUrl({ protocol: 'https:', host: 'rollcall.local:50443' })).toBe(
    'wss://rollcall.local:50443/camera',
  )
  expect(socketUrl({ protocol: 'http:', host: 'localhost:50001' })).toBe('ws://localhost:50001/camera')
})
