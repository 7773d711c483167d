/** What a person types into the camera app. */

import { networkInterfaces } from 'node:os'

/** By habit of the people who type it; any path works. */
const CAMERA_PATH = '/android-cam'

/** Every `ws://…/android-cam` that a phone on the network can type; an address of this machine alone comes last. */
export function cameraUrls(host: string, port: number): string[] {
  return reachableAddresses(host).map((address) => `ws://${hostAndPort(address, port)}${CAMERA_PATH}`)
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

/** The path of a request's URL: without its query, which may hold the key, also where an app escapes the question mark. */
export function pathOf(url = '/'): string {
  return url.split(/\?|%3f/i, 1)[0]!
}
