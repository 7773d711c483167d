/** What a server runs with, as pages show it. Secrets stay out. */

import { isIP } from 'node:net'
import { type Config, OPTIONS } from './config.ts'
import { isPrivateAddress } from './http/camera-access.ts'
import { cameraPageUrl, cameraUrl, hostAndPort, reachableInterfaces } from './ingest/camera-urls.ts'
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
  const addresses = reachableInterfaces(config.host)
    .map(({ address, network }) => ({ address, network, reach: reachOf(address) }))
    .sort((a, b) => REACHES.indexOf(a.reach) - REACHES.indexOf(b.reach))
  const best = addresses[0]?.address
  return {
    version: VERSION,
    serverStartedAtMs: startedAtMs,
    dataFolder: config.data,
    options: Object.entries(OPTIONS).map(([key, { default: usual, help, isSecret }]) => {
      const value = config[key as keyof Config]
      return { key, value: isSecret ? secretText(value) : String(value), isDefault: value === usual, help }
    }),
    cameraUrls: addresses.map(({ address, network, reach }) => ({
      url: cameraUrl(address, port),
      network,
      reach,
    })),
    cameraPages: httpsPort === undefined ? [] : cameraPages(addresses, httpsPort, localName),
    needsKey: config.cameraAccess === 'key',
    secureUrl: httpsPort !== undefined && best ? `https://${hostAndPort(best, httpsPort)}/` : null,
  }
}

type Place = { address: string; network: string; reach: Reach }

/** The name comes behind the addresses of the network that it is good in: some phones find no names. */
function cameraPages(
  addresses: readonly Place[],
  httpsPort: number,
  localName: string | undefined,
): Settings['cameraPages'] {
  const near = addresses.filter(({ reach }) => reach === 'lan')
  const far = addresses.filter(({ reach }) => reach !== 'lan')
  const named: Place[] = localName ? [{ address: localName, network: '', reach: 'lan' }] : []
  return [...near, ...named, ...far].map(({ address, network, reach }) => ({
    url: cameraPageUrl(address, httpsPort),
    network,
    reach,
  }))
}

/** The best first. */
const REACHES: readonly Reach[] = ['lan', 'internet', 'this machine']

function reachOf(address: string): Reach {
  if (address === 'localhost' || address === '::1' || /^127\./.test(address)) return 'this machine'
  // A name is looked up by who types it; most stand for an address of the house.
  return isPrivateAddress(address) || isIP(address) === 0 ? 'lan' : 'internet'
}

/** Whether there is one, and no more. */
function secretText(value: unknown): string {
  return value === '' ? '' : '(set)'
}
