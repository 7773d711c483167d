/** `/api/docs`: every route for people and for programs, under the headers that forbid what is inline. */

import { expect, it } from 'vitest'
import { startApi } from './support/requests.ts'

it('shows every route with its fields, and takes style and script from files alone', async () => {
  const { ask, server } = await startApi()
  const answer = await ask('/api/docs')
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const page = await answer.text()
  for (const route of server.routes.filter((route) => !route.endsWith('*')))
    expect(page).toContain(`<h2><code>${route}</code></h2>`)
  expect(page).not.toMatch(/<style|style=|<script|\son\w+=|https?:\/\//)
  for (const [, path] of page.matchAll(/<link [^>]*href="([^"]+)"/g))
    expect((await ask(path!)).status).toBe(200)
})

it('is an OpenAPI document with the limits that requests are held to', async () => {
  const { json, askAsWatcher } = await startApi()
  const document = await json<{ openapi: string; paths: Record<string, Record<string, object>> }>(
    '/api/docs/json',
  )
  expect(document.openapi).toMatch(/^3\./)
  expect(document.paths['/api/recordings']!.get).toMatchObject({
    parameters: expect.arrayContaining([
      expect.objectContaining({ name: 'limit', schema: expect.objectContaining({ maximum: 500 }) }),
    ]),
    responses: { 200: { content: { 'application/json': { schema: { type: 'object' } } } } },
  })
  expect((await askAsWatcher('/api/docs/json')).status).toBe(200)
})
