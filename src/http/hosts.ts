/**
 * By which names this server may be called, and which pages may open sockets to it.
 *
 * A page of a stranger can give its own name this machine's address (DNS rebinding); the browser then takes both for one site.
 * The Host header still says the stranger's name.
 */

import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { RequestError } from '../errors.ts'
import { listed } from './peer.ts'

/** What devices without a name service of their own find, RFC 6762. */
const MDNS = '.local'
/** What a server is called in a network where others have the name already. */
const NUMBERED = /^rollcall-\d{1,2}\.local$/
/** `name`, `name:port`, `[address]:port` */
const HOST = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[^\s:/?#@[\]]+))(?::\d{1,5})?$/i

/** The names of this machine: for the certificate, and for `AllowedHosts`. */
export function namesOfMachine(name = hostname()): string[] {
  const full = name.toLowerCase()
  const short = full.split('.', 1)[0]!
  return [...new Set(['localhost', full, short, `${short}${MDNS}`, `rollcall${MDNS}`])].filter(isDnsName)
}

export class AllowedHosts {
  readonly #names: ReadonlySet<string>

  /**
   * @param further - Names with commas between them, without a port.
   * @throws {RequestError} `CONFIG_INVALID` naming the entry that is no host name.
   */
  constructor(further: string, machineName = hostname()) {
    const names = listed(further).map((name) => name.toLowerCase().replace(/\.$/, ''))
    for (const name of names)
      if (!isDnsName(name))
        throw new RequestError(
          'CONFIG_INVALID',
          `allowedHosts must be names such as studio.example.org, without http://, port or path, with commas between; got ${JSON.stringify(name.slice(0, 80))}`,
        )
    this.#names = new Set([...namesOfMachine(machineName), ...names])
  }

  /** Whether a Host header names this machine: an address, or a name that is allowed; any port. */
  allows(host: string | undefined): boolean {
    const match = HOST.exec(host ?? '')?.groups
    if (!match) return false
    if (match.v6 !== undefined) return isIP(match.v6) === 6
    const name = match.name!.toLowerCase().replace(/\.$/, '')
    return isIP(name) === 4 || this.#names.has(name) || NUMBERED.test(name)
  }
}

/** Whether a request's page is one of ours. Without an Origin it comes from no page: an app, a board, a script. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { protocol, host: originHost } = new URL(origin)
  return (protocol === 'http:' || protocol === 'https:') && originHost === host?.toLowerCase()
}

/** The same for sockets of cameras: libraries of some boards send `file://`. */
export function mayOpenSocket(origin: string | undefined, host: string | undefined): boolean {
  return origin === 'file://' || isOwnOrigin(origin, host)
}

/** A name that fits into a certificate. */
function isDnsName(name: string): boolean {
  return /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,62})(\.[a-z\d_-]{1,63})*$/.test(name)
}
