import { expect, it } from 'vitest'
import { type CameraAddress, isOutOfReach, keyBehindHash, withKey } from './addresses.ts'

const url = 'ws://192.168.1.20:50001/android-cam'

it('knows when no phone finds the server', () => {
  const at = (reach: CameraAddress['reach']) => ({ url, network: 'eth0', reach, needsKey: false })
  expect(isOutOfReach([at('this machine')])).toBe(true)
  expect(isOutOfReach([at('unlikely'), at('unlikely')])).toBe(true)
  expect(isOutOfReach([at('unlikely'), at('lan')])).toBe(false)
  expect(isOutOfReach([at('internet')])).toBe(false)
})

it('puts the key behind the address', () => {
  expect(withKey(url, undefined)).toBe(url)
  expect(withKey(url, 'a b')).toBe(`${url}?key=a%20b`)
  expect(keyBehindHash('https://h/camera', 'a b')).toBe('https://h/camera#key=a%20b')
  expect(keyBehindHash('https://h/camera', undefined)).toBe('https://h/camera')
})
