/**
 * The camera page opens when the server is away: its shell, and nothing else, comes from a cache then.
 *
 * The page fills the cache (src/web/camera/shell.ts). The API, sockets and all other addresses never pass here.
 */

const SHELL = 'rollcall-camera'

addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))

addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== location.origin) return
  if (mode === 'navigate' && pathname === '/camera') event.respondWith(newest(event.request))
  else if (pathname.startsWith('/assets/') || pathname.startsWith('/camera/'))
    event.respondWith(kept(event.request))
})

/** The page as the server has it; the kept one while it is away. */
async function newest(request) {
  try {
    return await fetch(request)
  } catch (error) {
    const page = await caches.match('/camera', { cacheName: SHELL })
    if (page) return page
    throw error
  }
}

/** Names of assets change with what they hold: a kept one is the same. */
async function kept(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request)
}
