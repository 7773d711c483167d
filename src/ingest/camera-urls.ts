/** What a person types into the camera app. */

import { networkInterfaces } from 'node:os'

/** By habit of the people who type it; any path works. */
const CAMERA_PATH = '/android-cam'
/** Behind an address: where the key goes. The key itself is not printed. */
export const KEY_PLACE = '?key=…'

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
    (address) => `ws://${hostAndPort(address, port)}${CAMERA_PATH}${needsKey(address) ? KEY_PLACE : ''}`,
  )
}

/** The addresses under which a phone on the network finds a server that listens at `host`. */
export function reachableAddresses(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const reachable = addresses.filter(({ internal, family, address }) => {
    if (internal) return false
    return family === 'IPv4' || (host === '::' && !address.startsWith('fe80'))
  })
  return reachable.length > 0 ? reachable.map(({ address }) => address) : ['127.0.0.1']
}

/** `192.0.2.1:50001`, `[2001:db8::1]:50001` */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
