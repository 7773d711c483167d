import { describe, expect, it } from 'vitest'
import { type CameraAccessMode, isPrivateAddress, keyIn, mayConnect, needsKey } from './camera-access.ts'

const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.0',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '169.254.1.1',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf:ffff::1',
  'fc00::1',
  'fdff:ffff::1',
  '::ffff:127.0.0.1',
  '::ffff:192.168.1.20',
  '::FFFF:10.0.0.1',
  '::ffff:7f00:1',
  '::ffff:c0a8:0114',
]
const PUBLIC = [
  '0.0.0.0',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.64.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '203.0.113.9',
  '255.255.255.255',
  '::',
  '::2',
  '2001:db8::1',
  'fbff::1',
  'fe00::1',
  'fe7f:ffff::1',
  'fec0::1',
  'ff02::1',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  // Translated and tunnelled addresses carry a private one inside; their sender is elsewhere.
  '64:ff9b::192.168.0.1',
  '2002:c0a8:1::1',
  '::192.168.0.1',
]
const NO_ADDRESSES = ['', 'unknown', 'localhost', '127.1', '0x7f.0.0.1', '010.0.0.1', '127.0.0.1.', '[::1]']

it.each(PRIVATE)('takes %s for an address of the private network', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

it.each([...PUBLIC, ...NO_ADDRESSES])(
  'does not take "%s" for an address of the private network',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  },
)

it.each([
  ['/android-cam', undefined],
  ['/android-cam?', undefined],
  ['/?key=', undefined],
  ['/?key=abc', 'abc'],
  ['/a?b=c&key=a%2Bb-_', 'a+b-_'],
  ['/?key=first&key=second', 'first'],
  ['/?KEY=abc', undefined],
  ['/key=abc', undefined],
  ['/?key=%zz', '%zz'],
])('finds in %s the key %s', (url, key) => {
  expect(keyIn(url)).toBe(key)
})

it.each([
  ['lan', '192.168.1.5', false],
  ['lan', '203.0.113.5', true],
  ['lan', 'localhost', false],
  ['key', '192.168.1.5', true],
  ['open', '203.0.113.5', false],
] as const)('%s: at the own address %s a camera needs the key: %s', (mode, address, needed) => {
  expect(needsKey(mode, address)).toBe(needed)
})

describe('who may connect', () => {
  const RIGHT = 'right'
  const table: [CameraAccessMode, address: string, key: string | undefined, may: boolean][] = [
    ['lan', '192.168.1.5', undefined, true],
    ['lan', '192.168.1.5', RIGHT, true],
    ['lan', '192.168.1.5', 'wrong', false],
    ['lan', '8.8.8.8', undefined, false],
    ['lan', '8.8.8.8', 'wrong', false],
    ['lan', '8.8.8.8', RIGHT, true],
    ['lan', 'unknown', undefined, false],
    ['key', '127.0.0.1', undefined, false],
    ['key', '127.0.0.1', 'wrong', false],
    ['key', '127.0.0.1', RIGHT, true],
    ['key', '2001:db8::1', RIGHT, true],
    ['open', '8.8.8.8', undefined, true],
    ['open', '8.8.8.8', RIGHT, true],
    ['open', '8.8.8.8', 'wrong', true],
  ]

  it.each(table)('%s: from %s with the key %s: %s', async (mode, address, key, may) => {
    expect(await mayConnect(mode, { address, key }, async () => RIGHT)).toBe(may)
  })

  it('asks for the right key only when there is one to compare', async () => {
    const never = () => Promise.reject(new Error('asked'))
    expect(await mayConnect('lan', { address: '10.0.0.1', key: undefined }, never)).toBe(true)
    expect(await mayConnect('key', { address: '10.0.0.1', key: undefined }, never)).toBe(false)
  })
})
