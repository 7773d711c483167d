/** What the server runs with, and the tail of its log. */

import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { type LogTail, logTailSchema, type Settings, settingsSchema } from '../wire/api/settings.ts'
import type { Guard } from './guard.ts'

export function settingsRoutes(options: {
  guard: Pick<Guard, 'roleOf'>
  settings: () => Omit<Settings, 'role'>
  logTail: () => LogTail['lines']
}): FastifyPluginCallback {
  const { guard, settings, logTail } = options
  return (fastify, _options, done) => {
    const app = fastify.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/settings',
      {
        schema: {
          summary: 'What the server runs with, and where cameras connect',
          response: { 200: settingsSchema },
        },
      },
      (request) => {
        const role = guard.roleOf(request) === 'full' ? ('access' as const) : ('watch' as const)
        return { ...settings(), role }
      },
    )
    app.get(
      '/api/log',
      {
        schema: { summary: 'The last lines of the log, the oldest first', response: { 200: logTailSchema } },
      },
      () => ({ lines: logTail() }),
    )
    done()
  }
}
