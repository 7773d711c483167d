/** What a server runs with, as pages show it. Secrets stay out. */

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { Config } from './config.ts'
import type { CameraPage } from './console/camera-code.ts'
import { isPrivateAddress, needsKey } from './http/camera-access.ts'
import { cameraPageUrl, cameraUrl, farness, hostAndPort, reachableInterfaces } from './ingest/camera-urls.ts'
import { OPTIONS } from './options.ts'
import { VERSION } from './version.ts'
import type { Settings } from './wire/api/settings.ts'

type Reach = Settings['cameraUrls'][number]['reach']

/** The settings, but for the role of who asks. */
export function settingsOf(server: {
  config: Config
  startedAtMs: number
  port: number
  httpsPort: number | undefined
  /** The name in the local network; undefined while there is none. */
  localName: string | undefined
}): Omit<Settings, 'role'> {
  const { config, startedAtMs, port, httpsPort, localName } = server
  const addresses = placesOf(config)
  const best = addresses[0]?.address
  return {
    version: VERSION,
    serverStartedAtMs: startedAtMs,
    dataFolder: resolve(config.data),
    options: Object.entries(OPTIONS).map(([key, { default: usual, help, isSecret }]) => {
      const value = config[key as keyof Config]
      return { key, value: isSecret ? secretText(value) : String(value), isDefault: value === usual, help }
    }),
    cameraUrls: addresses.map(({ address, ...place }) => ({ url: cameraUrl(address, port), ...place })),
    cameraPages: pagesOf(addresses, httpsPort, localName),
    needsKey: config.cameraAccess === 'key',
    secureUrl: httpsPort !== undefined && best ? `https://${hostAndPort(best, httpsPort)}/` : null,
  }
}

/**
 * The camera page as the terminal shows it, best first; not what only this machine reaches.
 *
 * @param server.cameraKey - Goes into what is scanned where cameras of that network need it.
 */
export function cameraPagesOf(server: {
  config: Config
  httpsPort: number | undefined
  localName: string | undefined
  cameraKey: string
}): CameraPage[] {
  const { config, httpsPort, localName, cameraKey } = server
  return pagesOf(placesOf(config), httpsPort, localName)
    .filter(({ reach }) => reach !== 'this machine')
    .map(({ url, network, needsKey }) => ({
      shown: `${url}${needsKey ? '#key=…' : ''}`,
      scanned: `${url}${needsKey ? `#key=${encodeURIComponent(cameraKey)}` : ''}`,
      network,
    }))
}

interface Place {
  address: string
  network: string
  reach: Reach
  needsKey: boolean
}

/** Where the server is reached, best first. */
function placesOf({ host, cameraAccess }: Pick<Config, 'host' | 'cameraAccess'>): Place[] {
  return reachableInterfaces(host)
    .map((at) => ({ ...at, reach: reachOf(at), needsKey: needsKey(cameraAccess, at.address) }))
    .sort((a, b) => REACHES.indexOf(a.reach) - REACHES.indexOf(b.reach))
}

/** The name comes behind the addresses of the network that it is good in: some phones find no names. */
function pagesOf(
  places: readonly Place[],
  httpsPort: number | undefined,
  localName: string | undefined,
): Settings['cameraPages'] {
  const best = places[0]
  if (httpsPort === undefined || !best) return []
  const near = places.filter(({ reach }) => reach === best.reach)
  const far = places.filter(({ reach }) => reach !== best.reach)
  // A name in the network stands for its best address, and is found nowhere else (RFC 6762, 3).
  const named = localName ? [{ ...best, address: localName, network: '', reach: 'lan' as const }] : []
  return [...near, ...named, ...far].map(({ address, ...place }) => ({
    url: cameraPageUrl(address, httpsPort),
    ...place,
  }))
}

/** The best first. */
const REACHES: readonly Reach[] = ['lan', 'internet', 'unlikely', 'this machine']

/** Who can reach an address of this machine, by what it is and by the name of its network interface. */
export function reachOf({ address, network }: { address: string; network: string }): Reach {
  if (address === 'localhost' || address === '::1' || /^127\./.test(address)) return 'this machine'
  if (farness({ address, network }) > 0) return 'unlikely'
  // A name is looked up by who types it; most stand for an address of the house.
  return isPrivateAddress(address) || isIP(address) === 0 ? 'lan' : 'internet'
}

/** Whether there is one, and no more. */
function secretText(value: unknown): string {
  return value === '' ? '' : '(set)'
}
