/** Signing in and out, and the page for it. */

import type { FastifyPluginCallback, FastifyReply } from 'fastify'
import { RequestError } from '../errors.ts'
import type { Guard } from './guard.ts'
import { ICON, languageOf, loginPage, SCRIPT, STYLE } from './pages.ts'
import type { Proxies } from './peer.ts'
import { COOKIE_SECONDS, type SignIn } from './sign-in.ts'

/** A token and its JSON are smaller. */
const MAX_LOGIN_BYTES = 4096

export function loginRoutes(options: {
  guard: Guard
  signIn: SignIn
  proxies: Proxies
}): FastifyPluginCallback {
  const { guard, signIn, proxies } = options

  return (app, _options, done) => {
    app.post(
      '/api/login',
      { bodyLimit: MAX_LOGIN_BYTES, schema: { summary: '`{"token": "…"}` for a cookie; open to all' } },
      async (request, reply) => {
        const { token } = (request.body ?? {}) as { token?: unknown }
        if (typeof token !== 'string')
          throw new RequestError('REQUEST_INVALID', 'the body must be JSON: {"token": "…"}')
        const { address } = proxies.peerOf(request.raw)
        const seconds = signIn.blockedForSeconds(address)
        if (seconds > 0) reply.header('retry-after', seconds)
        const role = await signIn.roleOfToken(token, address)
        guard.setCookie(request, reply, await signIn.cookieValue(role), COOKIE_SECONDS)
        return { role }
      },
    )
    app.post('/api/logout', { schema: { summary: 'Removes the cookie' } }, (request, reply) => {
      guard.setCookie(request, reply, '', 0)
      reply.code(204).send()
    })
    app.get('/login', { schema: { summary: 'The login page; open to all' } }, (request, reply) =>
      sendPage(reply, loginPage(languageOf(request.headers))),
    )
    app.get('/login.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
    app.get('/login.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(SCRIPT))
    app.get('/login.svg', (_request, reply) => reply.type('image/svg+xml').send(ICON))
    done()
  }
}

function sendPage(reply: FastifyReply, page: string): void {
  reply.type('text/html; charset=utf-8').header('vary', 'Accept-Language').send(page)
}
