import { expect, it, onTestFinished } from 'vitest'
import { RequestError } from '../errors.ts'
import { createLog } from '../log.ts'
import { systemClock } from '../time.ts'
import { Access } from './access.ts'
import { ConnectionBounds } from './connection-bounds.ts'
import { HttpServer } from './http-server.ts'

function httpServer(): HttpServer {
  const { guard } = new Access({
    dataDir: '/nonexistent',
    token: '',
    cameraAccess: 'lan',
    trustProxy: '',
    allowedHosts: '',
    clock: systemClock,
    log: createLog({ level: 'info', format: 'text', write: () => {} }),
  })
  const server = new HttpServer({
    guard,
    onUpgrade: (_request, socket) => socket.destroy(),
    onError: () => {},
    bounds: new ConnectionBounds({ maxConnections: 10, maxConnectionsPerAddress: 10, onRefused: () => {} }),
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
  })
  onTestFinished(() => server.close())
  return server
}

const refusal = (host: string, port: number) =>
  httpServer()
    .listen(host, port)
    .then(
      () => undefined,
      (error: unknown) => error,
    )

it('names address and port when the port is taken, and what to do', async () => {
  const { port } = await httpServer().listen('127.0.0.1', 0)
  const error = await refusal('127.0.0.1', port)
  expect(error).toBeInstanceOf(RequestError)
  expect(error).toMatchObject({ code: 'LISTEN_FAILED', cause: { code: 'EADDRINUSE' } })
  expect(String(error)).toContain(
    `cannot listen at 127.0.0.1:${port}: the port is taken; is Rollcall running already? End it, or choose another --port`,
  )
})

// Addresses for documents (RFC 5737, RFC 3849): no machine has them.
it.each([
  ['192.0.2.1', '192.0.2.1:50001: this machine has no such address; choose another --host'],
  ['2001:db8::1', '[2001:db8::1]:50001: '],
])('says so when the machine has no address %s', async (host, message) => {
  expect(await refusal(host, 50001)).toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringContaining(message),
  })
})
