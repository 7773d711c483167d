/** https and wss: the same as http and ws, with a certificate of our own or one that was given. */

import { X509Certificate } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { makeAuthority } from '../src/http/tls/make-certificate.ts'
import { OwnCertificate } from '../src/http/tls/own-certificate.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { rollcall, ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

async function secureServer(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ https: true, httpsPort: 0, ...options })
  return { ...started, httpsPort: started.server.httpsPort!, tls: join(started.data, '.rollcall/tls') }
}

/** A handshake; rejects when it fails. */
function handshake(port: number, options: Parameters<typeof connect>[1] = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', options, () => resolve(socket))
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

/** Whose certificate a server shows, without a look at who made it. */
async function shown(port: number): Promise<X509Certificate> {
  const socket = await handshake(port, { rejectUnauthorized: false })
  return socket.getPeerX509Certificate()!
}

/** What a request over TLS is answered, by somebody who trusts only `ca`. */
function ask(port: number, ca: string, path: string, headers = {}, host = 'localhost') {
  return new Promise<{ status: number; cookie: string | undefined; body: string }>((resolve, reject) => {
    const method = path === '/api/login' ? 'POST' : 'GET'
    const asked = request(
      { host: '127.0.0.1', servername: host, port, ca, path, method, headers },
      (answer) => {
        let body = ''
        answer.on('data', (data) => {
          body += data
        })
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, cookie: answer.headers['set-cookie']?.[0], body }),
        )
      },
    )
    asked.on('error', reject)
    asked.setHeader('host', `${host}:${port}`)
    asked.end(headers && 'content-type' in headers ? JSON.stringify({ token }) : undefined)
  })
}
let token = ''

/** A certificate and its key in files, as somebody else would give them. */
async function given(folder: string, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)]
  const pair = await makeAuthority(name, Date.now())
  await writeFile(cert, pair.cert)
  await writeFile(key, pair.key)
  return { cert, key }
}

describe('the certificate of the first start', () => {
  it('is trusted by who trusts the authority beside it, and is for the names and addresses of this machine', async () => {
    const { httpsPort, tls, data } = await secureServer({ allowedHosts: 'cams.example.org' })
    const ca = await readFile(join(tls, 'ca.pem'), 'utf8')
    for (const host of ['localhost', 'rollcall.local', 'cams.example.org'])
      expect((await ask(httpsPort, ca, '/login', {}, host)).status).toBe(200)
    const certificate = await shown(httpsPort)
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address)
    await expect(ask(httpsPort, ca, '/login', {}, 'evil.example')).rejects.toThrow(/altnames/)
    for (const name of ['ca-key.pem', 'server-key.pem'])
      expect((await stat(join(tls, name))).mode & 0o777).toBe(0o600)
    expect((await stat(tls)).mode & 0o777).toBe(0o700)
    expect((await stat(join(data, '.rollcall'))).mode & 0o777).toBe(0o700)
  })

  it('stays the same at the next start', async () => {
    const { tls, data, server } = await secureServer()
    const before = await readFile(join(tls, 'server.pem'), 'utf8')
    await server.close()
    const again = await secureServer({ data })
    expect(await readFile(join(tls, 'server.pem'), 'utf8')).toBe(before)
    expect((await shown(again.httpsPort)).fingerprint256).toBe(new X509Certificate(before).fingerprint256)
  })
})

describe('a certificate of our own', () => {
  /** One on a clock and addresses that the test moves. */
  async function own(dataDir?: string) {
    const folder = dataDir ?? (await temporaryFolder())
    const machine = { wallMs: Date.UTC(2026, 10, 24), addresses: ['127.0.0.1', '10.0.0.1'] }
    const make = () =>
      new OwnCertificate({
        dataDir: folder,
        names: () => ['localhost'],
        addresses: () => machine.addresses,
        clock: { wallMs: () => machine.wallMs, monotonicMs: () => 0 },
      })
    return { machine, source: make(), make, tls: join(folder, '.rollcall/tls') }
  }

  it('is renewed when an address comes, by the same authority, and not when one goes', async () => {
    const { machine, source, tls } = await own()
    const first = await source.open()
    const ca = await readFile(join(tls, 'ca.pem'), 'utf8')
    expect(await source.renewed()).toBeUndefined()
    machine.addresses = ['127.0.0.1']
    expect(await source.renewed()).toBeUndefined()
    machine.addresses = ['127.0.0.1', '10.0.0.2', '2001:db8::7']
    const second = await source.renewed()
    expect(second!.cert).not.toBe(first.cert)
    expect(second!.key).not.toBe(first.key)
    const certificate = new X509Certificate(second!.cert)
    expect(certificate.checkIP('10.0.0.2')).toBe('10.0.0.2')
    expect(certificate.checkIP('2001:db8::7')).toBe('2001:db8::7')
    expect(certificate.verify(new X509Certificate(ca).publicKey)).toBe(true)
    expect(await readFile(join(tls, 'ca.pem'), 'utf8')).toBe(ca)
    expect(await source.renewed()).toBeUndefined()
  })

  it('is renewed within its last thirty days, while the server runs and at its start', async () => {
    const { machine, source, make } = await own()
    const first = await source.open()
    const endsMs = Date.parse(new X509Certificate(first.cert).validTo)
    machine.wallMs = endsMs - 31 * 86_400_000
    expect(await source.renewed()).toBeUndefined()
    machine.wallMs = endsMs - 29 * 86_400_000
    const second = await source.renewed()
    expect(Date.parse(new X509Certificate(second!.cert).validTo)).toBeGreaterThan(endsMs + 300 * 86_400_000)
    machine.wallMs += 390 * 86_400_000
    expect((await make().open()).cert).not.toBe(second!.cert)
  })

  it('has another authority before the old one ends', async () => {
    const { machine, source, tls } = await own()
    await source.open()
    const before = await readFile(join(tls, 'ca.pem'), 'utf8')
    machine.wallMs += 3640 * 86_400_000
    await source.renewed()
    expect(await readFile(join(tls, 'ca.pem'), 'utf8')).not.toBe(before)
  })

  it.each(['server.pem', 'server-key.pem', 'ca.pem', 'ca-key.pem'])(
    'is made anew when %s is gone or broken',
    async (name) => {
      const { source, make, tls } = await own()
      await source.open()
      await rm(join(tls, name))
      const second = await make().open()
      await writeFile(join(tls, name), 'nonsense')
      const third = await make().open()
      expect(third.cert).not.toBe(second.cert)
      expect(
        new X509Certificate(third.cert).verify(
          new X509Certificate(await readFile(join(tls, 'ca.pem'))).publicKey,
        ),
      ).toBe(true)
    },
  )
})

describe('https and wss', () => {
  it('serve what http and ws do: sign-in with a Secure cookie, closed routes, cameras', async () => {
    const { httpsPort, tls, data, server } = await secureServer({ thumbnails: false })
    const ca = await readFile(join(tls, 'ca.pem'), 'utf8')
    token = server.accessToken
    expect((await ask(httpsPort, ca, '/')).status).toBe(302)
    expect((await ask(httpsPort, ca, '/nothing')).status).toBe(401)
    const { status, cookie } = await ask(httpsPort, ca, '/api/login', { 'content-type': 'application/json' })
    expect([status, cookie]).toEqual([200, expect.stringMatching(/^rollcall_\d+=full\..*; Secure$/)])
    expect((await ask(httpsPort, ca, '/', { cookie: cookie!.split(';')[0] })).status).toBe(200)

    const socket = new WebSocket(`wss://localhost:${httpsPort}/android-cam`, { ca })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    socket.send('{"status":"capture_started"}')
    for (const [i, payload] of (await testPictures(20)).entries()) {
      const header = Buffer.alloc(16)
      header.writeBigUInt64BE(BigInt(1000 + i * 100), 0)
      header.writeUInt32BE(i, 8)
      header.writeUInt32BE(payload.length, 12)
      socket.send(Buffer.concat([header, payload]))
    }
    await until('all pictures', () => server.cameras()[0]?.pictures === 20)
    socket.close()
    await until('the end of the recording', () => server.cameras().length === 0)
    await server.close()
    expect(await documentIn((await recordingsIn(data))[0]!)).toMatchObject({ state: 'closed', pictures: 20 })
  })

  it('guards sockets as the first port does', async () => {
    const { httpsPort, tls } = await secureServer({ cameraAccess: 'key' })
    const ca = await readFile(join(tls, 'ca.pem'), 'utf8')
    const refusal = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`wss://localhost:${httpsPort}/?key=wrong`, { ca, headers })
        socket.on('error', () => {})
        socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode))
      })
    expect(await refusal({})).toBe(401)
    expect(await refusal({ Origin: 'https://evil.example' })).toBe(403)
    expect(await refusal({ Host: 'evil.example' })).toBe(421)
  })

  it('speak TLS 1.2 and 1.3, and nothing older', async () => {
    const { httpsPort } = await secureServer()
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { rejectUnauthorized: false, minVersion: version, maxVersion: version }
      expect((await handshake(httpsPort, options)).getProtocol()).toBe(version)
    }
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      // Old versions need weak signatures on this side.
      const options = {
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ciphers: 'ALL@SECLEVEL=0',
      }
      await expect(handshake(httpsPort, options)).rejects.toThrow(/protocol/)
    }
  })

  it('end with the server, whoever is connected', async () => {
    const { httpsPort, server } = await secureServer()
    const socket = await handshake(httpsPort, { rejectUnauthorized: false })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await server.close()
    await closed
    await expect(handshake(httpsPort)).rejects.toThrow('ECONNREFUSED')
  })
})

describe('a certificate that was given', () => {
  it('is used, and read again when its files change; one that does not fit changes nothing', async () => {
    const folder = await temporaryFolder()
    const [first, second] = [await given(folder, 'first.example'), await given(folder, 'second.example')]
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    await copyFile(first.cert, tlsCert)
    await copyFile(first.key, tlsKey)
    const { httpsPort, data, lines } = await secureServer({ tlsCert, tlsKey })
    expect((await shown(httpsPort)).subject).toBe('CN=first.example')
    expect(await readdir(join(data, '.rollcall'))).toEqual(['access.json'])
    // One file after the other, as renewals do: between them they do not fit.
    await rename(second.cert, tlsCert)
    await until('a warning', () => lines.some((line) => line.includes('is not that of')))
    expect((await shown(httpsPort)).subject).toBe('CN=first.example')
    await rename(second.key, tlsKey)
    await until(
      'the second certificate',
      async () => (await shown(httpsPort)).subject === 'CN=second.example',
    )
    expect(lines.filter((line) => line.includes('stays as it is'))).toHaveLength(1)
  })

  it('is refused at the start when it cannot be used', async () => {
    const folder = await temporaryFolder()
    const { cert, key } = await given(folder, 'first.example')
    const { key: other } = await given(folder, 'second.example')
    const start = (tlsCert: string, tlsKey: string) => secureServer({ tlsCert, tlsKey })
    await expect(start(cert, other)).rejects.toMatchObject({ code: 'TLS_FAILED' })
    await expect(start(cert, cert)).rejects.toMatchObject({ code: 'TLS_FAILED' })
    await expect(start(cert, join(folder, 'absent'))).rejects.toThrow(/absent cannot be read/)
    await expect(start(cert, '')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await mkdir(join(folder, 'a folder'))
    await expect(start(cert, join(folder, 'a folder'))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.not.stringContaining(key),
    })
  })
})

it('lets simulated phones in by wss that trust its authority, and tells others how to', async () => {
  const { httpsPort, tls } = await secureServer()
  const url = `wss://127.0.0.1:${httpsPort}/android-cam`
  const simulate = (env = {}) =>
    rollcall(['simulate', '--url', url, '--cameras', '1', '--for', '0.1'], { env })
  expect(await simulate({ NODE_EXTRA_CA_CERTS: join(tls, 'ca.pem') })).toMatchObject({ code: 0, stderr: '' })
  const refused = await simulate()
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(
    /certificate is not trusted.*NODE_EXTRA_CA_CERTS=<data>\/\.rollcall\/tls\/ca\.pem \(TLS_FAILED\)/,
  )
})

describe('--https-port', () => {
  it('that was chosen and is taken ends the start', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const ended = await rollcall([
      'serve',
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--data',
      await temporaryFolder(),
      '--https-port',
      String(port),
    ])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/choose another --https-port \(LISTEN_FAILED\)/)
  })

  it('50443, by default, that is taken is done without, with a warning', async () => {
    const taken = createServer()
    onTestFinished(() => void taken.close())
    // Whoever has it already has it as well.
    await new Promise<void>((resolve) =>
      taken.once('error', () => resolve()).listen(50443, '127.0.0.1', resolve),
    )
    const server = await ServerProcess.start(['--https', '--data', await temporaryFolder()])
    await server.says(/WARN no https: port 50443 is taken; choose another --https-port/)
    expect((await fetch(`http://127.0.0.1:${server.port}/login`)).status).toBe(200)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output).not.toContain('https and wss')
  })
})
