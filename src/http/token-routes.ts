/** The tokens, for who has the access token: to pass them on, and to make them anew. */

import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { RequestError } from '../errors.ts'
import { rotateSchema, type Tokens, tokensSchema } from '../wire/api/settings.ts'
import type { Guard } from './guard.ts'
import type { Renewable, Secrets, SecretsContent } from './secrets.ts'
import { bearerIn, COOKIE_SECONDS, type SignIn } from './sign-in.ts'

const BOTH_TOKENS: Renewable[] = ['accessToken', 'watchToken']

export function tokenRoutes(options: {
  guard: Guard
  signIn: SignIn
  secrets: Secrets
  /** `ROLLCALL_TOKEN` gives the access token. */
  isTokenGiven: boolean
  /** Who holds an old token must not go on. */
  onRotated: () => Promise<void>
}): FastifyPluginCallback {
  const { guard, signIn, secrets, isTokenGiven, onRotated } = options
  return (fastify, _options, done) => {
    const app = fastify.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/tokens',
      { schema: { summary: 'The tokens and the camera key', response: { 200: tokensSchema } } },
      async () => tokensOf(await secrets.current()),
    )
    app.post(
      '/api/tokens/rotate',
      {
        schema: {
          summary:
            'Makes tokens anew: whoever is signed in by them is signed out, but for the browser that asks',
          body: rotateSchema.nullish(),
          response: { 200: tokensSchema },
        },
      },
      async (request, reply) => {
        const which = request.body?.which ?? BOTH_TOKENS
        if (isTokenGiven && which.includes('accessToken'))
          throw new RequestError(
            'CONFIG_INVALID',
            'ROLLCALL_TOKEN gives the access token: change it there, or name in "which" what else to make anew',
          )
        const renewed = await secrets.renew(which).catch((cause: Error) => {
          throw new RequestError('STORAGE_FAILED', `the tokens stay as they are: ${cause.message}`, { cause })
        })
        if (bearerIn(request.headers.authorization) === undefined)
          guard.setCookie(request, reply, await signIn.cookieValue('full'), COOKIE_SECONDS)
        await onRotated()
        return tokensOf(renewed)
      },
    )
    done()
  }
}

function tokensOf({ accessToken, watchToken, cameraKey }: SecretsContent): Tokens {
  return { accessToken, watchToken, cameraKey }
}
