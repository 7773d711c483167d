/** The pages, control room and camera, and what they load. They are made by `npm run build` into dist/web. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginCallback } from 'fastify'

/** The same from src and from dist. */
const WEB_FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url))
const YEAR_MS = 365 * 24 * 3_600_000

export function webRoutes(folder = WEB_FOLDER): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get(
      '/',
      { schema: { summary: 'The control room; who is signed out is sent to /login' } },
      async (_request, reply) => {
        reply.type('text/html; charset=utf-8')
        return readFile(join(folder, 'index.html'))
      },
    )
    app.get(
      '/camera',
      { schema: { summary: 'The camera page: a phone that opens it films; open to all' } },
      async (_request, reply) => {
        reply.type('text/html; charset=utf-8')
        return readFile(join(folder, 'camera.html'))
      },
    )
    // What browsers want of a page that can be installed: manifest, icons, service worker.
    app.register(fastifyStatic, {
      root: join(folder, 'camera'),
      prefix: '/camera/',
      cacheControl: false,
      decorateReply: false,
      setHeaders: (reply) => void reply.header('service-worker-allowed', '/camera'),
    })
    // Their names change with their content.
    app.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      immutable: true,
      maxAge: YEAR_MS,
      decorateReply: false,
    })
    done()
  }
}
