/** The addresses that a phone may scan or type, and what it needs beside them. Pure. */

import type { Settings } from '../../wire/api/settings.ts'

export type CameraAddress = Settings['cameraUrls'][number]

/** Whether no phone is likely to find any of these. */
export function isOutOfReach(addresses: readonly CameraAddress[]): boolean {
  return addresses.every(({ reach }) => reach === 'this machine' || reach === 'unlikely')
}

/** The address with the key, as the app takes it. */
export function withKey(url: string, key: string | undefined): string {
  return key === undefined ? url : `${url}?key=${encodeURIComponent(key)}`
}

/** The same of a page: behind #, where no request and no log holds it. */
export function keyBehindHash(url: string, key: string | undefined): string {
  return key === undefined ? url : `${url}#key=${encodeURIComponent(key)}`
}
