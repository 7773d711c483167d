import { expect, it } from 'vitest'
import { href, parseRoute } from './router.ts'

it.each(['', '#', '#/', '#/nowhere/x', '#token-like'])('takes %j for the live view', (hash) => {
  expect(parseRoute(hash)).toMatchObject({ view: 'live', rest: [] })
})

it('reads back what it writes, whatever an id holds', () => {
  for (const id of ['127.0.0.1_4000', 'a/b', '50%', '镜头 1', '?x#y'])
    expect(parseRoute(href('library', id)).rest).toEqual([id])
})

it('reads the query, and bears what cannot be decoded', () => {
  const { view, rest, query } = parseRoute('#/library/%zz?star=true')
  expect([view, rest, query.get('star')]).toEqual(['library', ['%zz'], 'true'])
})
