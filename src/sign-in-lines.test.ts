import { expect, it } from 'vitest'
import { reachableAddresses } from './ingest/camera-urls.ts'
import { signInLines } from './sign-in-lines.ts'

const there = { port: 50001, httpsPort: 50443, fragment: '#token' }
const others = reachableAddresses('0.0.0.0').filter((address) => address !== '127.0.0.1')

it('names this machine by itself, where pages may decode, and others by https', () => {
  expect(signInLines({ ...there, host: '0.0.0.0' })).toEqual([
    'To sign in, on this machine:',
    '  http://localhost:50001/login#token',
    ...(others.length > 0
      ? ['To sign in from another machine (its browser warns of our certificate once):']
      : []),
    ...others.map((address) => `  https://${address}:50443/login#token`),
  ])
})

it.each([
  ['127.0.0.1', 50443, ['To sign in, on this machine:', '  http://127.0.0.1:50001/login#token']],
  ['::1', undefined, ['To sign in, on this machine:', '  http://[::1]:50001/login#token']],
  [
    '192.0.2.7',
    50443,
    [
      'To sign in from another machine (its browser warns of our certificate once):',
      '  https://192.0.2.7:50443/login#token',
    ],
  ],
  [
    '192.0.2.7',
    undefined,
    [
      'To sign in from another machine, which is shown no live pictures without https:',
      '  http://192.0.2.7:50001/login#token',
    ],
  ],
])('at %s, https at %s', (host, httpsPort, lines) => {
  expect(signInLines({ ...there, host, httpsPort })).toEqual(lines)
})
