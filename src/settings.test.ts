import { expect, it } from 'vitest'
import { reachOf } from './settings.ts'

it.each([
  ['192.168.1.20', 'wlan0', 'lan'],
  ['rollcall.example', '', 'lan'],
  ['203.0.113.5', 'eth0', 'internet'],
  ['172.17.0.1', 'docker0', 'unlikely'],
  ['100.64.0.9', 'tailscale0', 'unlikely'],
  ['169.254.7.9', 'eth0', 'unlikely'],
  ['127.0.0.1', 'lo', 'this machine'],
  ['::1', 'lo', 'this machine'],
] as const)('knows who reaches %s of %s', (address, network, reach) => {
  expect(reachOf({ address, network })).toBe(reach)
})
