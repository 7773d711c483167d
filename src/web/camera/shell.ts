/** The shell for when the server is away: what the page is made of is kept in the browser; the service worker gives it out. */

import workerUrl from './camera-worker.ts?worker&url'

const SERVICE_WORKER = '/camera/service-worker.js'
const CACHE = 'rollcall-camera'
const ALWAYS = ['/camera', '/camera/manifest.webmanifest', '/camera/icon-192.png', '/camera/icon-512.png']

/** Registers the service worker where browsers let it be: not on a certificate that they do not trust. */
export async function keepShell(): Promise<void> {
  if (!isSecureContext || !navigator.serviceWorker || typeof caches === 'undefined') return
  try {
    await navigator.serviceWorker.register(SERVICE_WORKER, { scope: '/camera' })
    await renew()
  } catch {
    // The page is the same without, as long as the server is there.
  }
}

/** Keeps what this page loaded, and lets go of what earlier ones did. */
async function renew(): Promise<void> {
  const cache = await caches.open(CACHE)
  const assets = performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name))
    .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/'))
    .map(({ pathname }) => pathname)
  const wanted = new Set([...ALWAYS, new URL(workerUrl, location.href).pathname, ...assets])
  await cache.addAll([...wanted])
  for (const request of await cache.keys())
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request)
}
