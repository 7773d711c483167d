/** The camera key: comes behind # in the scanned address, is kept on the phone, and goes with the WebSocket alone. */

import { kept } from '../kept.ts'

const store = kept('camera-key')

/** Takes the key out of the address bar, where it could be read over a shoulder or copied along. */
export function takeKeyFromAddress(): void {
  const key = keyIn(location.hash)
  if (key === undefined) return
  store.write(key)
  history.replaceState(null, '', location.pathname + location.search)
}

/** Where this page's WebSocket goes: the server that it came from. */
export function socketUrl({ protocol, host }: Pick<Location, 'protocol' | 'host'> = location): string {
  const key = store.read()
  const query = key ? `?key=${encodeURIComponent(key)}` : ''
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/camera${query}`
}

/** The hash of an address that hands the key on; empty without one. */
export function keyHash(): string {
  const key = store.read()
  return key ? `#key=${encodeURIComponent(key)}` : ''
}

/** @param hash - Of an address, with its #. */
export function keyIn(hash: string): string | undefined {
  return new URLSearchParams(hash.slice(1)).get('key')?.trim() || undefined
}
