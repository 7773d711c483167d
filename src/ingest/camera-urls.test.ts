import { expect, it } from 'vitest'
import { farness, pathOf } from './camera-urls.ts'

it.each([
  [undefined, '/'],
  ['/esp', '/esp'],
  ['/android-cam?key=abc', '/android-cam'],
  ['/android-cam%3Fkey=abc', '/android-cam'],
  ['/android-cam%3fkey=abc?x', '/android-cam'],
])('finds the path of %s, without the key', (url, path) => {
  expect(pathOf(url)).toBe(path)
})

it.each([
  ['192.168.1.20', 'wlan0', 0],
  ['192.168.1.20', 'en0', 0],
  ['10.8.0.1', 'wg0', 1],
  ['100.64.0.9', 'tailscale0', 1],
  ['169.254.7.9', 'eth0', 2],
  ['172.17.0.1', 'docker0', 3],
  ['172.18.0.1', 'br-0f3a', 3],
  ['192.168.122.1', 'virbr0', 3],
])('says how far phones are from %s of %s', (address, network, far) => {
  expect(farness({ address, network })).toBe(far)
})
