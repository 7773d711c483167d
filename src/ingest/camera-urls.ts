/** What a person types into the camera app. */

import { interfacesOfMachine } from './interfaces.ts'

/** By habit of the people who type it; any path works. */
const CAMERA_PATH = '/android-cam'
/** Behind an address: where the key goes. The key itself is not printed. */
export const KEY_PLACE = '?key=…'
/** Interfaces that no phone is behind: of containers and virtual machines. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|cni|flannel|podman|lxc|bridge\d)/
/** Private networks over others: a phone seldom is in one. */
const TUNNEL = /^(tun|tap|utun|wg|ppp|tailscale|zt|nebula)/
/** An address that a machine gives itself when nobody else does (RFC 3927). */
const SELF_GIVEN = /^169\.254\./

/**
 * Every `ws://…/android-cam` that a phone on the network can type; an address of this machine alone comes last.
 *
 * @param needsKey - Whether cameras that come by an address of this machine need the key: `KEY_PLACE` is then behind it.
 */
export function cameraUrls(
  host: string,
  port: number,
  needsKey: (address: string) => boolean = () => false,
): string[] {
  return reachableAddresses(host).map(
    (address) => `${cameraUrl(address, port)}${needsKey(address) ? KEY_PLACE : ''}`,
  )
}

/** The camera page, for a phone's browser. */
export function cameraPageUrl(address: string, httpsPort: number): string {
  return `https://${hostAndPort(address, httpsPort)}/camera`
}

export function cameraUrl(address: string, port: number): string {
  return `ws://${hostAndPort(address, port)}${CAMERA_PATH}`
}

/** The addresses under which a phone on the network finds a server that listens at `host`. */
export function reachableAddresses(host: string): string[] {
  return reachableInterfaces(host).map(({ address }) => address)
}

/** The same with the names of their network interfaces, best first; those of containers and virtual machines come last. */
export function reachableInterfaces(host: string): { address: string; network: string }[] {
  const all = Object.entries(interfacesOfMachine()).flatMap(([network, list]) =>
    (list ?? []).map((entry) => ({ ...entry, network })),
  )
  if (host !== '0.0.0.0' && host !== '::')
    return [{ address: host, network: all.find(({ address }) => address === host)?.network ?? '' }]
  const reachable = all
    .filter(({ internal, family, address }) => {
      if (internal) return false
      return family === 'IPv4' || (host === '::' && !address.startsWith('fe80'))
    })
    .map(({ address, network }) => ({ address, network }))
    .sort((a, b) => farness(a) - farness(b))
  const itself = { address: '127.0.0.1', network: all.find(({ internal }) => internal)?.network ?? '' }
  return reachable.length > 0 ? reachable : [itself]
}

/** How unlikely it is that a phone comes this way: 0 is best, 3 is of containers and virtual machines. */
export function farness({ address, network }: { address: string; network: string }): number {
  if (VIRTUAL.test(network)) return 3
  if (SELF_GIVEN.test(address)) return 2
  return TUNNEL.test(network) ? 1 : 0
}

/** `192.0.2.1:50001`, `[2001:db8::1]:50001` */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The path of a request's URL: without its query, which may hold the key, also where an app escapes the question mark. */
export function pathOf(url = '/'): string {
  return url.split(/\?|%3f/i, 1)[0]!
}
