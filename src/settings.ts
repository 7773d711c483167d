/** What a server runs with, as pages show it. Secrets stay out. */

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type Config, OPTIONS } from './config.ts'
import { isPrivateAddress } from './http/camera-access.ts'
import { cameraUrl, hostAndPort, reachableInterfaces } from './ingest/camera-urls.ts'
import { VERSION } from './version.ts'
import type { Settings } from './wire/api/settings.ts'

type Reach = Settings['cameraUrls'][number]['reach']

/** The settings, but for the role of who asks. */
export function settingsOf(server: {
  config: Config
  startedAtMs: number
  port: number
  httpsPort: number | undefined
}): Omit<Settings, 'role'> {
  const { config, startedAtMs, port, httpsPort } = server
  const addresses = reachableInterfaces(config.host)
    .map(({ address, network }) => ({ address, network, reach: reachOf(address) }))
    .sort((a, b) => REACHES.indexOf(a.reach) - REACHES.indexOf(b.reach))
  const best = addresses[0]?.address
  return {
    version: VERSION,
    serverStartedAtMs: startedAtMs,
    dataFolder: resolve(config.data),
    options: Object.entries(OPTIONS).map(([key, { default: usual, help, isSecret }]) => {
      const value = config[key as keyof Config]
      return { key, value: isSecret ? secretText(value) : String(value), isDefault: value === usual, help }
    }),
    cameraUrls: addresses.map(({ address, network, reach }) => ({
      url: cameraUrl(address, port),
      network,
      reach,
    })),
    needsKey: config.cameraAccess === 'key',
    secureUrl: httpsPort !== undefined && best ? `https://${hostAndPort(best, httpsPort)}/` : null,
  }
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
