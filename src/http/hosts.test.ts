import { describe, expect, it } from 'vitest'
import { AllowedHosts, isOwnOrigin, mayOpenSocket, namesOfMachine } from './hosts.ts'

describe('a Host header', () => {
  const hosts = new AllowedHosts('cams.example.org, Studio.', 'Desk.lab.example')

  it.each([
    '127.0.0.1',
    '192.168.1.20:50001',
    '[::1]',
    '[2001:db8::1]:50443',
    'localhost:50001',
    'LOCALHOST',
    'desk',
    'desk.local:50001',
    'desk.lab.example',
    'desk.lab.example.',
    'rollcall.local',
    'rollcall-2.local:50443',
    'cams.example.org:443',
    'studio',
  ])('that says %s is allowed', (host) => {
    expect(hosts.allows(host)).toBe(true)
  })

  it.each([
    undefined,
    '',
    ':50001',
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.evil.example',
    '127.1',
    '2130706433',
    '0x7f000001',
    '::1',
    '[::1',
    '[localhost]',
    '[127.0.0.1]',
    'desk@evil.example',
    'evil.example#localhost',
    'localhost:port',
    'localhost:123456',
    'localhost localhost',
    'example.org',
    'x.cams.example.org',
  ])('that says %s is not', (host) => {
    expect(hosts.allows(host)).toBe(false)
  })
})

it('knows the machine by its names, as far as a certificate can hold them', () => {
  expect(namesOfMachine('Desk.lab.example')).toEqual([
    'localhost',
    'desk.lab.example',
    'desk',
    'desk.local',
    'rollcall.local',
  ])
  expect(namesOfMachine('vm')).toEqual(['localhost', 'vm', 'vm.local', 'rollcall.local'])
  expect(namesOfMachine('Büro PC')).toEqual(['localhost', 'rollcall.local'])
})

it.each(['http://x/', 'studio:8080', 'a b', '::1', 'studio.example.org/x', '*', 'büro.example'])(
  'refuses %j among the allowed hosts, naming it',
  (name) => {
    expect(() => new AllowedHosts(`ok.example, ${name}`, 'vm')).toThrow(
      `allowedHosts must be names such as studio.example.org, without http://, port or path, with commas between; got ${JSON.stringify(name)}`,
    )
  },
)

describe('an Origin', () => {
  const host = '192.168.1.20:50001'

  it('that is left out is an app, a board or a script', () => {
    expect(isOwnOrigin(undefined, host)).toBe(true)
    expect(mayOpenSocket(undefined, host)).toBe(true)
  })

  it('of the same host and port is one of our pages', () => {
    for (const origin of ['http://192.168.1.20:50001', 'https://192.168.1.20:50001'])
      expect([isOwnOrigin(origin, host), mayOpenSocket(origin, host)]).toEqual([true, true])
    expect(isOwnOrigin('http://rollcall.local', 'Rollcall.local')).toBe(true)
  })

  it('of file:// opens sockets, as libraries of boards do, and does nothing else', () => {
    expect([isOwnOrigin('file://', host), mayOpenSocket('file://', host)]).toEqual([false, true])
  })

  it.each([
    'null',
    '',
    'http://evil.example',
    'http://192.168.1.20',
    'http://192.168.1.20:50002',
    'http://192.168.1.20:50001.evil.example',
    'http://evil.example/192.168.1.20:50001',
    'ws://192.168.1.20:50001',
    'file:///etc/passwd',
    'chrome-extension://192.168.1.20:50001',
  ])('of "%s" is refused', (origin) => {
    expect([isOwnOrigin(origin, host), mayOpenSocket(origin, host)]).toEqual([false, false])
  })
})
