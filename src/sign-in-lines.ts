/** Where the control room opens, as it is printed at the start, and again by `link`. */

import { hostAndPort, reachableAddresses } from './ingest/camera-urls.ts'

const EVERYWHERE = ['0.0.0.0', '::']
const LOOPBACK = /^(127\.|::1$|localhost$)/

/**
 * Browsers show live pictures on the machine of the server itself by plain http (W3C Secure Contexts, 3.1), from elsewhere by
 * https alone: each is given the address that shows all.
 *
 * @param where.host - That the server listens at.
 * @param where.httpsPort - undefined where https is off.
 * @param where.fragment - `#` and the token, or empty.
 */
export function signInLines(where: {
  host: string
  port: number
  httpsPort: number | undefined
  fragment: string
}): string[] {
  const { host, port, httpsPort, fragment } = where
  const own = EVERYWHERE.includes(host) ? 'localhost' : LOOPBACK.test(host) ? host : undefined
  const others = reachableAddresses(host).filter((address) => !LOOPBACK.test(address))
  const link = (scheme: string, address: string, at: number) =>
    `  ${scheme}://${hostAndPort(address, at)}/login${fragment}`
  const lines = own ? ['To sign in, on this machine:', link('http', own, port)] : []
  if (others.length === 0) return lines
  if (httpsPort === undefined)
    return [
      ...lines,
      'To sign in from another machine, which is shown no live pictures without https:',
      ...others.map((address) => link('http', address, port)),
    ]
  return [
    ...lines,
    'To sign in from another machine (its browser warns of our certificate once):',
    ...others.map((address) => link('https', address, httpsPort)),
  ]
}
