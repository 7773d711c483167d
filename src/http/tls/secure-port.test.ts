import { expect, it } from 'vitest'
import { until } from '../../../test/support/until.ts'
import type { Log } from '../../log.ts'
import type { HttpServer } from '../http-server.ts'
import { SecurePort } from './secure-port.ts'

it('keeps the certificate before when another cannot be used', async () => {
  const warnings: unknown[] = []
  const log = { info: () => {}, warn: ({ err }: { err: Error }) => warnings.push(err.message) }
  const http = {
    listenSecurely: async () => ({ port: 1 }),
    setSecureContext: () => {
      throw new Error('bad end line')
    },
  }
  const pair = { cert: '', key: '' }
  const source = { authority: undefined, open: async () => pair, renewed: async () => pair }
  const port = new SecurePort({
    http: http as unknown as HttpServer,
    source,
    log: log as unknown as Log,
    lookMs: 5,
  })
  await port.listen('127.0.0.1', 1)
  await until('it is told', () => warnings.length > 0)
  expect(warnings[0]).toBe('bad end line')
  await port.close()
})
