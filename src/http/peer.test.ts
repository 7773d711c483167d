import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { RequestError } from '../errors.ts'
import { Proxies } from './peer.ts'

function request(remoteAddress: string, headers: Record<string, string> = {}, encrypted?: boolean) {
  return { socket: { remoteAddress, encrypted }, headers } as unknown as IncomingMessage
}
const forwarded = (value: string) => ({ 'x-forwarded-for': value })

it.each([
  // Nobody is trusted: what is claimed does not count.
  ['', '203.0.113.9', '127.0.0.1', '203.0.113.9'],
  ['', '127.0.0.1', '203.0.113.9', '127.0.0.1'],
  ['10.0.0.5', '10.0.0.6', '127.0.0.1', '10.0.0.6'],
  // A proxy that is trusted names its peer.
  ['10.0.0.5', '10.0.0.5', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.5', '::ffff:10.0.0.5', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.0/24, ::1', '::1', '2001:db8::1', '2001:db8::1'],
  ['2001:db8::/32', '2001:db8::9', '[2001:dead::1]:4711', '2001:dead::1'],
  ['::1', '::1', '203.0.113.9:4711', '203.0.113.9'],
  // What the peer itself claimed stands before it, and does not count.
  ['10.0.0.5', '10.0.0.5', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
  ['10.0.0.0/24', '10.0.0.5', '192.168.0.1, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
  ['10.0.0.0/24', '10.0.0.5', '10.0.0.9, 10.0.0.7', '10.0.0.9'],
  ['10.0.0.5', '10.0.0.5', '', '10.0.0.5'],
  ['10.0.0.5', '10.0.0.5', '127.0.0.1, nonsense', 'unknown'],
  ['10.0.0.5', '10.0.0.5', 'fe80::1%eth0', 'fe80::1'],
])('with "%s" trusted, %s that forwards for "%s" is %s', (named, remote, claimed, address) => {
  expect(new Proxies(named).peerOf(request(remote, forwarded(claimed))).address).toBe(address)
})

it('believes only a trusted proxy that the peer came over TLS, and itself', () => {
  const proxies = new Proxies('10.0.0.5')
  const https = { 'x-forwarded-proto': 'https' }
  expect(proxies.peerOf(request('10.0.0.5', https)).isSecure).toBe(true)
  expect(proxies.peerOf(request('10.0.0.5', { 'x-forwarded-proto': 'https, http' })).isSecure).toBe(false)
  expect(proxies.peerOf(request('10.0.0.6', https)).isSecure).toBe(false)
  expect(proxies.peerOf(request('10.0.0.6', {}, true)).isSecure).toBe(true)
})

it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '10.0.0.0/-1', '/8'])(
  'refuses %s by name',
  (entry) => {
    expect(() => new Proxies(`127.0.0.1, ${entry}`)).toThrow(RequestError)
    expect(() => new Proxies(`127.0.0.1, ${entry}`)).toThrow(
      `trustProxy must be addresses or networks such as 10.0.0.5 or 10.0.0.0/24, with commas between; got "${entry}"`,
    )
  },
)
