/** The server's name in the network, asked for by real multicast queries. */

import type { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { LocalName } from '../src/mdns/local-name.ts'
import { askMulticast, multicastAddress } from './support/multicast.ts'
import { get, statusOf } from './support/raw-http.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const address = await multicastAddress()
if (!address)
  console.warn('Tests are left out, of rollcall.local: this machine has no network with multicast.')
/** No real server of this network has it. */
const NAME = `rollcall-test-${process.pid}`

/** A name that is taken back when the test ends. */
function named(options: { name: string; port: number; addresses?: string[] }) {
  const told: { names: string[]; failures: string[] } = { names: [], failures: [] }
  const localName = new LocalName({
    title: `${options.name} on this machine`,
    addresses: [address!],
    hasIpv6: false,
    onName: (name) => told.names.push(name),
    onFailed: (message) => told.failures.push(message),
    ...options,
  })
  localName.open()
  onTestFinished(() => localName.close())
  return { localName, ...told }
}

it.skipIf(!address)(
  'is answered with the address and port; a second server takes another name, and both go with their servers',
  async () => {
    const first = named({ name: NAME, port: 50443 })
    await until('the first name', () => first.names.length > 0)
    expect(first.names).toEqual([`${NAME}.local`])
    expect(await askMulticast(`${NAME}.local`, 'A', address!, ({ size }) => size > 0)).toEqual([address])

    const second = named({ name: NAME, port: 50444 })
    await until('the second name', () => second.names.length > 0)
    expect(second.names).toEqual([`${NAME}-2.local`])
    expect(await askMulticast(`${NAME}-2.local`, 'A', address!, ({ size }) => size > 0)).toEqual([address])
    expect(first.localName.current).toBe(`${NAME}.local`)

    // Both kinds of browsing find both, with their ports.
    for (const type of ['_https._tcp.local', '_rollcall._sub._https._tcp.local']) {
      const ours = (all: ReadonlySet<string>) => [...all].filter((one) => one.startsWith(`${NAME} on`))
      const found = await askMulticast(type, 'PTR', address!, (all) => ours(all).length >= 2)
      expect(ours(new Set(found))).toHaveLength(2)
    }
    const [service] = await askMulticast(
      `${NAME} on this machine._https._tcp.local`,
      'SRV',
      address!,
      ({ size }) => size > 0,
    )
    expect(service).toBe(`${NAME}.local:50443`)

    await first.localName.close()
    await first.localName.close()
    // Nobody answers for it: a third server has it at once.
    const third = named({ name: NAME, port: 50445 })
    await until('the third name', () => third.names.length > 0)
    expect(third.names).toEqual([`${NAME}.local`])
    expect([first.failures, second.failures, third.failures]).toEqual([[], [], []])
  },
)

it.skipIf(!address)('is one that the server answers to, with a certificate for it', async () => {
  const { server, port, lines } = await startServer({
    ...{ host: '0.0.0.0', https: true, httpsPort: 0, mdns: true },
  })
  const line = await until('the name', () => lines.find((one) => one.includes('the server is called')))
  const name = /called (rollcall(?:-\d+)?\.local)/.exec(line)![1]!
  expect(await askMulticast(name, 'A', address!, (answers) => answers.has(address!))).toContain(address)
  expect(statusOf(await get(port, '/trust', { Host: `${name}:${port}` }))).toBe(200)
  expect(server.cameraPages().map(({ shown }) => shown.replace(/#.*/, ''))).toContain(
    `https://${name}:${server.httpsPort}/camera`,
  )
  await until('a certificate for it', async () => (await shown(server.httpsPort!)).checkHost(name))
})

it('fails without harm where it cannot be announced, and closes at once', async () => {
  // No interface has it.
  const { localName, names, failures } = named({ name: NAME, port: 50443, addresses: ['198.51.100.1'] })
  await localName.close()
  expect([names, failures, localName.current]).toEqual([[], [], undefined])
})

it.each([{ mdns: false, host: '0.0.0.0' }, { host: '127.0.0.1' }, { https: false, host: '0.0.0.0' }])(
  'is not announced with %j',
  async (options) => {
    const { server, lines } = await startServer({ https: true, httpsPort: 0, mdns: true, ...options })
    await server.close()
    expect(lines.filter((line) => line.includes('name'))).toEqual([])
  },
)

function shown(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', { rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
