/** Runs in a worker: answers multicast DNS (RFC 6762) for the server's name, by ciao. */

import { networkInterfaces } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { getResponder, type Responder } from '@homebridge/ciao'
import type { FromNameWorker, NameRequest, ToNameWorker } from './worker-messages.ts'

/** Interfaces that no phone is behind. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|cni|flannel|podman|lxc)/
/** How often it is looked whether an interface came or went, in ms. */
const LOOK_MS = 5000
/** So many servers in one network may have the name. */
const MAX_NUMBER = 99

const request = workerData as NameRequest
const port = parentPort!
/** Behind the name: 1 is none. */
let number = 1
let responder: Responder | undefined
/** The interfaces that it answers on. */
let announced = ''
/** Grows with each announcement: what an earlier one still waits for is of no concern. */
let turn = 0

/** Interfaces with an address that phones may reach, and those addresses: what is answered with. */
function interfacesNow(): { names: string[]; state: string } {
  const found = Object.entries(networkInterfaces()).flatMap(([name, list]) => {
    const addresses = (list ?? [])
      .filter(({ internal, family, address }) => {
        if (internal || VIRTUAL.test(name) || (family === 'IPv6' && !request.hasIpv6)) return false
        return request.addresses.length === 0 || request.addresses.includes(address)
      })
      .map(({ address }) => address)
    return addresses.length > 0 ? [{ name, addresses }] : []
  })
  return { names: found.map(({ name }) => name), state: JSON.stringify(found) }
}

/** Answers on the interfaces that are there now; while the system does not tell, on those that were. */
function look(): void {
  const now = known()
  if (!now) return
  const { names, state } = now
  if (state === announced) return
  announced = state
  announce(names).catch(failed)
}

function known(): ReturnType<typeof interfacesNow> | undefined {
  try {
    return interfacesNow()
  } catch {
    // No file descriptor is left, say: it is asked again soon.
    return undefined
  }
}

async function announce(names: string[]): Promise<void> {
  turn += 1
  const mine = turn
  await withdraw()
  if (names.length === 0 || mine !== turn) return
  if (number > MAX_NUMBER) throw new Error(`${request.name}.local and ${MAX_NUMBER} names after it are taken`)
  // Given interfaces, ciao starts no program to find them.
  responder = getResponder({ interface: names, disableIpv6: !request.hasIpv6 })
  const hostname = number === 1 ? request.name : `${request.name}-${number}`
  const service = responder.createService({
    name: number === 1 ? request.title : `${request.title}, ${number}`,
    // One service, since ciao takes a second one with this host name for a stranger's: subtypes (RFC 6763, 7.1) name both.
    type: 'https',
    subtypes: ['rollcall'],
    hostname,
    port: request.port,
    txt: { path: '/camera' },
    disabledIpv6: !request.hasIpv6,
    ...(request.addresses.length > 0 && { restrictedAddresses: [...request.addresses] }),
  })
  // Both come when either is taken. The number that ciao appends is in brackets, which no certificate may hold.
  service.on('name-change', () => {})
  service.on('hostname-change', () => {
    if (mine !== turn) return
    number += 1
    announce(names).catch(failed)
  })
  await service.advertise()
  if (mine === turn) tell({ type: 'name', name: `${hostname}.local` })
}

async function withdraw(): Promise<void> {
  const before = responder
  responder = undefined
  await before?.shutdown()
}

function failed(error: Error): void {
  tell({ type: 'failed', message: error.message })
}

function tell(message: FromNameWorker): void {
  port.postMessage(message)
}

port.on('message', (message: ToNameWorker) => {
  if (message !== 'close') return
  clearInterval(timer)
  turn += 1
  const ended = () => {
    tell({ type: 'closed' })
    port.close()
  }
  withdraw().then(ended, ended)
})
const timer = setInterval(look, LOOK_MS)
look()
