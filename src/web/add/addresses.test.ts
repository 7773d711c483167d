import { expect, it } from 'vitest'
import { keyBehindHash, needsKey, withKey } from './addresses.ts'

const url = 'ws://192.168.1.20:50001/android-cam'

it('asks for the key where the server does', () => {
  const at = (reach: 'lan' | 'this machine' | 'internet') => ({ url, network: 'eth0', reach })
  expect(needsKey(at('lan'), { needsKey: false })).toBe(false)
  expect(needsKey(at('lan'), { needsKey: true })).toBe(true)
  expect(needsKey(at('internet'), { needsKey: false })).toBe(true)
})

it('puts the key behind the address', () => {
  expect(withKey(url, undefined)).toBe(url)
  expect(withKey(url, 'a b')).toBe(`${url}?key=a%20b`)
  expect(keyBehindHash('https://h/camera', 'a b')).toBe('https://h/camera#key=a%20b')
  expect(keyBehindHash('https://h/camera', undefined)).toBe('https://h/camera')
})
