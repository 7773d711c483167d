/** The way to https: the authority to download, the page that explains, the addresses and codes that lead there. */

import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeAuthority } from '../src/http/tls/make-certificate.ts'
import { seriousFaults } from './support/axe.ts'
import { temporaryFolder } from './support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage } from './support/page.ts'
import { get } from './support/raw-http.ts'
import { startServer } from './support/server.ts'

if (!hasChromium) console.warn('Tests are left out, of the page on the warning: there is no Chromium.')
endBrowserAfterAll()

const run = promisify(execFile)

async function house(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ https: true, httpsPort: 0, ...options })
  const origin = `http://127.0.0.1:${started.port}`
  return { ...started, origin, ask: (path: string, headers = {}) => fetch(`${origin}${path}`, { headers }) }
}

/** Runs a program; undefined, with a word, where it is not installed. */
async function tool(name: string, args: string[], what: string): Promise<string | undefined> {
  try {
    return (await run(name, args)).stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    console.warn(`left out: ${what}, since ${name} is not installed`)
    return undefined
  }
}

/** The certificate that a server shows. */
function shown(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', { rejectUnauthorized: false }, () =>
      resolve(socket.getPeerX509Certificate()!),
    )
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

describe('the authority', () => {
  it('is given to everybody, and openssl verifies by it the certificate for each address and name', async () => {
    const { ask, data, server } = await house()
    const answer = await ask('/ca.crt')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-x509-ca-cert'])
    const authority = new X509Certificate(Buffer.from(await answer.arrayBuffer()))
    const kept = await readFile(join(data, '.rollcall/tls/ca.pem'))
    expect(authority.fingerprint256).toBe(new X509Certificate(kept).fingerprint256)
    expect(authority.ca).toBe(true)

    const folder = await temporaryFolder()
    const [ca, certificate] = [join(folder, 'ca.pem'), join(folder, 'server.pem')]
    await writeFile(ca, authority.toString())
    await writeFile(certificate, (await shown(server.httpsPort!)).toString())
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .map(({ address }) => address)
      .filter((address) => !address.startsWith('fe80'))
    for (const check of [
      ...addresses.map((address) => ['-verify_ip', address]),
      ...['localhost', 'rollcall.local'].map((name) => ['-verify_hostname', name]),
    ]) {
      const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, ...check, certificate]
      const said = await tool('openssl', args, 'verifying the certificate')
      expect([undefined, `${certificate}: OK\n`]).toContain(said)
    }
  })

  it('comes as a profile for iPhones, always the same, with the certificate in it', async () => {
    const { ask } = await house()
    const answer = await ask('/ca.mobileconfig')
    expect(answer.headers.get('content-type')).toBe('application/x-apple-aspen-config')
    const text = await answer.text()
    expect(await (await ask('/ca.mobileconfig')).text()).toBe(text)
    const profile = plistOf(text) as Record<string, unknown> & { PayloadContent: Record<string, unknown>[] }
    expect(profile).toMatchObject({
      PayloadType: 'Configuration',
      PayloadVersion: 1,
      PayloadRemovalDisallowed: false,
      PayloadDisplayName: expect.stringMatching(/^Rollcall on /),
      PayloadUUID: expect.stringMatching(/^[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}$/),
    })
    const [payload, ...others] = profile.PayloadContent
    expect(others).toEqual([])
    expect(payload).toMatchObject({ PayloadType: 'com.apple.security.root', PayloadVersion: 1 })
    expect(payload!.PayloadUUID).not.toBe(profile.PayloadUUID)
    const authority = Buffer.from(await (await ask('/ca.crt')).arrayBuffer())
    expect((payload!.PayloadContent as Buffer).equals(authority)).toBe(true)

    // Somebody else's reader of the same.
    const path = join(await temporaryFolder(), 'ca.mobileconfig')
    await writeFile(path, text)
    const code =
      'import plistlib,sys;print(plistlib.load(open(sys.argv[1],"rb"))["PayloadContent"][0]["PayloadContent"].hex())'
    const read = await tool('python3', ['-c', code, path], 'reading the profile with plistlib')
    expect([undefined, authority.toString('hex')]).toContain(read?.trim())
  })

  it('is not there beside a certificate that was given, or without https: the answer says so', async () => {
    const folder = await temporaryFolder()
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const pair = await makeAuthority('given.example', Date.now())
    await writeFile(tlsCert, pair.cert)
    await writeFile(tlsKey, pair.key)
    for (const [options, why, told] of [
      [{ tlsCert, tlsKey }, /a certificate that was given/, /nothing to download/],
      [{ https: false }, /runs without https/, /--no-https/],
    ] as const) {
      const { ask } = await house(options)
      for (const path of ['/ca.crt', '/ca.mobileconfig']) {
        const answer = await ask(path)
        expect([answer.status, await answer.json()]).toEqual([
          404,
          { code: 'NOT_FOUND', message: expect.stringMatching(why) },
        ])
      }
      const page = await (await ask('/trust', { 'accept-language': 'en' })).text()
      expect(page).toMatch(told)
      expect(page).not.toContain('ca.crt')
      expect(await (await ask('/api/secure')).json()).toMatchObject({ hasAuthority: false, localName: null })
    }
  })
})

describe('who came by plain http', () => {
  it('is told the port of https, without a token', async () => {
    const { ask, server } = await house()
    expect(await (await ask('/api/secure')).json()).toEqual({
      httpsPort: server.httpsPort,
      hasAuthority: true,
      localName: null,
    })
  })

  it('is led to the camera page by the name that the server was called by', async () => {
    const { port, server, origin } = await house()
    const link = async (host: string) =>
      /id="camera" class="button" href="([^"]*)"/.exec(await get(port, '/trust', { Host: host }))?.[1]
    const drawn = await get(port, '/warning-en.svg', { Host: `10.9.8.7:${port}` })
    expect(drawn).toContain(`>10.9.8.7:${server.httpsPort}<`)
    expect(drawn).toContain('>10.9.8.7 (unsafe)<')
    expect(await link(`192.168.1.20:${port}`)).toBe(`https://192.168.1.20:${server.httpsPort}/camera`)
    expect(await link(`[fd00::2]:${port}`)).toBe(`https://[fd00::2]:${server.httpsPort}/camera`)
    expect(await link('rollcall-2.local')).toBe(`https://rollcall-2.local:${server.httpsPort}/camera`)
    // Where browsers give a camera by plain http too.
    expect(await link(`localhost:${port}`)).toBe('/camera')
    expect((await fetch(`${origin}/trust`, { method: 'HEAD' })).status).toBe(200)
  })
})

it.skipIf(!hasChromium).each(['en-US', 'zh-CN'] as const)(
  'the page shows the warning in one picture, downloads the authority and asks nobody else (%s)',
  async (language) => {
    const { origin } = await house()
    const page = await openPage('about:blank', { language })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${origin}/trust`)
    await page.waitForLoadState('load')
    const picture = page.locator(`img[src="/warning-${language.slice(0, 2)}.svg"]`)
    expect((await picture.getAttribute('alt'))!.length).toBeGreaterThan(40)
    // biome-ignore lint/suspicious/noExplicitAny: an image of the page
    expect(await picture.evaluate((image: any) => image.complete && image.naturalWidth > 0)).toBe(true)
    expect(await page.locator('html').getAttribute('lang')).toBe(language === 'zh-CN' ? 'zh-CN' : 'en')
    expect(asked.filter((url) => new URL(url).origin !== origin)).toEqual([])
    expect(await seriousFaults(page)).toEqual([])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[href="/ca.crt"]').first().click(),
    ])
    expect(download.suggestedFilename()).toBe('ca.crt')
    expect(new X509Certificate(await readFile((await download.path())!)).subject).toMatch(/^CN=Rollcall on /)
  },
)

/** A property list as Apple writes them: dictionaries, arrays, strings, integers, data, booleans. */
function plistOf(text: string): unknown {
  const tokens = [...text.matchAll(/<(\/?)(\w+)(\/?)>([^<]*)/g)].map(([, end, name, empty, content]) => ({
    kind: end ? `/${name}` : `${name}${empty}`,
    content: content!.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  }))
  let at = tokens.findIndex(({ kind }) => kind === 'plist') + 1
  const next = () => tokens[at++]!
  const value = (): unknown => {
    const { kind, content } = next()
    if (kind === 'true/' || kind === 'false/') return kind === 'true/'
    if (kind === 'array') {
      const items: unknown[] = []
      while (tokens[at]!.kind !== '/array') items.push(value())
      at += 1
      return items
    }
    if (kind === 'dict') {
      const entries: [string, unknown][] = []
      while (tokens[at]!.kind === 'key') {
        const key = next().content
        at += 1
        entries.push([key, value()])
      }
      expect(next().kind).toBe('/dict')
      return Object.fromEntries(entries)
    }
    expect(next().kind).toBe(`/${kind}`)
    if (kind === 'integer') return Number(content)
    return kind === 'data' ? Buffer.from(content, 'base64') : content
  }
  return value()
}
