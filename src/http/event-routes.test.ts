import Fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { expect, it, onTestFinished } from 'vitest'
import { EventListener } from '../../test/support/events.ts'
import { until } from '../../test/support/until.ts'
import { systemClock } from '../time.ts'
import { EventStreams } from './event-routes.ts'

/** Streams with a quick heart. */
async function streams(isStillWelcome: () => Promise<boolean>) {
  const events = { listen: () => () => {} }
  const eventStreams = new EventStreams({
    events,
    guard: { isStillWelcome, roleOf: () => 'full' as const },
    clock: systemClock,
    heartbeatMs: 5,
  })
  const app = Fastify()
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler)
  app.register(eventStreams.routes)
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    eventStreams.close()
    await app.close()
  })
  return EventListener.open((app.server.address() as { port: number }).port, {})
}

it('a silent stream tells the time', async () => {
  const listener = await streams(async () => true)
  await until('two heartbeats', () => listener.of('clock').length >= 3)
  const [first, , third] = listener.of('clock')
  expect(third!.serverTimeMs).toBeGreaterThanOrEqual(first!.serverTimeMs)
  expect(listener.isEnded).toBe(false)
})

it('with each heartbeat it is looked whether its listener may still watch', async () => {
  let looks = 0
  const listener = await streams(async () => {
    looks += 1
    return looks < 3
  })
  await until('the end', () => listener.isEnded)
  expect(looks).toBeGreaterThanOrEqual(3)
})
