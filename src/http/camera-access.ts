/**
 * Which cameras may connect: those of the same private network, and those that know the key.
 *
 * Pure but for the key, which it is given: it knows addresses and URLs, no sockets.
 */

import { BlockList, isIP } from 'node:net'
import { addressIn } from './peer.ts'
import { isSameSecret } from './secrets.ts'

/** `lan`: private addresses without a key, others with it. `key`: nobody without it. `open`: everybody. */
export type CameraAccessMode = 'lan' | 'key' | 'open'

/**
 * Loopback (RFC 1122, RFC 4291), private (RFC 1918), link-local (RFC 3927, RFC 4291) and unique-local (RFC 4193).
 * Shared addresses of providers (100.64.0.0/10, RFC 6598) are not among them: strangers have them too.
 */
const PRIVATE_NETWORKS: [network: string, prefix: number, family: 'ipv4' | 'ipv6'][] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]

const privateNetworks = new BlockList()
for (const network of PRIVATE_NETWORKS) privateNetworks.addSubnet(...network)

/** Whether an address belongs to this machine or its private network; what is no address does not. */
export function isPrivateAddress(address: string): boolean {
  return addressIn(privateNetworks, address)
}

/** Whether cameras of the network that this machine has an address in need the key. A name tells of no network. */
export function needsKey(mode: CameraAccessMode, ownAddress: string): boolean {
  return mode === 'key' || (mode === 'lan' && isIP(ownAddress) !== 0 && !isPrivateAddress(ownAddress))
}

/** The key in the query of a request's URL, `/android-cam?key=…`; undefined when there is none or it is empty. */
export function keyIn(url: string): string | undefined {
  const at = url.indexOf('?')
  if (at < 0) return undefined
  return new URLSearchParams(url.slice(at + 1)).get('key') || undefined
}

/**
 * Whether a camera may connect.
 *
 * A right key always opens. A wrong one never does where keys count, not even from a private address: whoever typed it must learn
 * that it is wrong.
 *
 * @param camera.address - Where the connection comes from, proxies that are trusted taken off.
 * @param camera.key - What it brought along.
 * @param rightKey - Asked only when there is a key to compare.
 */
export async function mayConnect(
  mode: CameraAccessMode,
  camera: { address: string; key: string | undefined },
  rightKey: () => Promise<string>,
): Promise<boolean> {
  if (mode === 'open') return true
  if (camera.key !== undefined) return isSameSecret(camera.key, await rightKey())
  return mode === 'lan' && isPrivateAddress(camera.address)
}
