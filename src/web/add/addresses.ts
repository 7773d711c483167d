/** The addresses that a phone may scan or type, and what it needs beside them. Pure. */

import type { Settings } from '../../wire/api/settings.ts'

export type CameraAddress = Settings['cameraUrls'][number]

/** Whether a phone at this address must bring the key along: from outside of the private network always. */
export function needsKey({ reach }: CameraAddress, settings: Pick<Settings, 'needsKey'>): boolean {
  return reach === 'internet' || settings.needsKey
}

/** The address with the key, as the app takes it. */
export function withKey(url: string, key: string | undefined): string {
  return key === undefined ? url : `${url}?key=${encodeURIComponent(key)}`
}

/** The same of a page: behind #, where no request and no log holds it. */
export function keyBehindHash(url: string, key: string | undefined): string {
  return key === undefined ? url : `${url}#key=${encodeURIComponent(key)}`
}
