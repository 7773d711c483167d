/**
 * Which view is shown: the part of the address behind #, such as `#/library/take_20261125_170000?star=true`.
 *
 * The server knows only `/`; all else is the page's own.
 */

import { signal } from '@preact/signals'

export const VIEWS = ['live', 'library', 'boards', 'add', 'settings'] as const
export type View = (typeof VIEWS)[number]

export interface Route {
  view: View
  /** What follows the view, decoded: an id, say. */
  rest: string[]
  query: URLSearchParams
}

/** What `route` was read from. */
let followed = typeof location === 'undefined' ? '' : location.hash

export const route = signal<Route>(parseRoute(followed))

/** For links: `href('library', id)`. */
export function href(view: View, ...rest: string[]): string {
  return `#/${[view, ...rest.map(encodeURIComponent)].join('/')}`
}

/** Goes there; the browser's back button comes back. */
export function go(view: View, ...rest: string[]): void {
  location.hash = href(view, ...rest)
  // The event comes later; a key that is pressed before it must meet the new view.
  follow()
}

/** Keeps `route` in step with the address. */
export function followAddress(): void {
  addEventListener('hashchange', follow)
}

function follow(): void {
  if (location.hash === followed) return
  followed = location.hash
  route.value = parseRoute(followed)
}

/** Reads the part behind #; what is no view is the live one. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [view, ...rest] = path.split('/').map(decoded)
  const parameters = new URLSearchParams(query)
  const known = VIEWS.find((one) => one === view)
  return known
    ? { view: known, rest: rest.filter((part) => part !== ''), query: parameters }
    : { view: 'live', rest: [], query: parameters }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
