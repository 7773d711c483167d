/** Who a request really comes from: the other end of the connection, or whom a trusted proxy names. */

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { RequestError } from '../errors.ts'
import { plainAddress } from '../ingest/connection.ts'

export interface Peer {
  /** IPv4-mapped addresses as IPv4, without a zone; `unknown` when a trusted proxy named nothing that is an address. */
  address: string
  /** Whether it came over TLS, to here or to a trusted proxy. */
  isSecure: boolean
}

const UNKNOWN = 'unknown'

export class Proxies {
  readonly #trusted = new BlockList()

  /**
   * @param named - Addresses and networks, `10.0.0.5, 2001:db8::/32`.
   * @throws {RequestError} `CONFIG_INVALID` naming the entry that is neither.
   */
  constructor(named: string) {
    for (const entry of listed(named)) {
      const [network = '', prefix] = entry.split('/')
      const version = isIP(network)
      const bits = version === 6 ? 128 : 32
      const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
      if (version === 0 || length < 0 || length > bits || entry.split('/').length > 2)
        throw new RequestError(
          'CONFIG_INVALID',
          `trustProxy must be addresses or networks such as 10.0.0.5 or 10.0.0.0/24, with commas between; got ${JSON.stringify(entry.slice(0, 80))}`,
        )
      this.#trusted.addSubnet(network, length, version === 6 ? 'ipv6' : 'ipv4')
    }
  }

  /** Nobody's `X-Forwarded-For` and `X-Forwarded-Proto` count but those of proxies that were named. */
  peerOf(request: IncomingMessage): Peer {
    const { remoteAddress, encrypted } = request.socket as IncomingMessage['socket'] & { encrypted?: boolean }
    const address = bareAddress(remoteAddress ?? UNKNOWN)
    if (!addressIn(this.#trusted, address)) return { address, isSecure: encrypted === true }
    const protocols = listed(joined(request.headers['x-forwarded-proto']))
    const isSecure = encrypted === true || protocols.at(-1)?.toLowerCase() === 'https'
    return { address: this.#forwardedFor(request) ?? address, isSecure }
  }

  /** Each proxy appends whom it heard: from the end, the first that is no proxy of ours is the peer. */
  #forwardedFor(request: IncomingMessage): string | undefined {
    let nearest: string | undefined
    for (const entry of listed(joined(request.headers['x-forwarded-for'])).reverse()) {
      const address = bareAddress(
        entry.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'),
      )
      if (isIP(address) === 0) return UNKNOWN
      if (!addressIn(this.#trusted, address)) return address
      nearest = address
    }
    return nearest
  }
}

/** Whether a list holds an address, IPv4-mapped ones included; what is no address is in none. */
export function addressIn(list: BlockList, address: string): boolean {
  const bare = bareAddress(address)
  return isIP(bare) !== 0 && list.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
}

/** The entries of a text with commas between them. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function bareAddress(address: string): string {
  return plainAddress(address.replace(/%.*$/, ''))
}

function joined(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '')
}
