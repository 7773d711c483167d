/** The camera page in a real browser: what it says where it cannot film, and without its server. */

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { filming, PORTRAIT } from '../support/camera-page.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

/** Another address of this machine than its own: browsers do not trust it without TLS. */
const lanAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && one.family === 'IPv4' && !one.internal)?.address

/** Each runs in the page before anything of ours. */
const LACKS: [string, () => void, string | RegExp][] = [
  ['no WebCodecs', () => Reflect.deleteProperty(globalThis, 'VideoEncoder'), 'This browser has no WebCodecs'],
  [
    'no H.264',
    () => {
      // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
      const { VideoEncoder } = globalThis as any
      const really = VideoEncoder.isConfigSupported.bind(VideoEncoder)
      VideoEncoder.isConfigSupported = async (config: { codec: string }) =>
        config.codec.startsWith('avc1') ? { supported: false } : really(config)
    },
    // Most builds of Chromium have AV1.
    /This browser encodes VP8, VP9(, AV1)? and not H\.264, which the recordings need/,
  ],
  [
    'no codec at all',
    () => {
      // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
      const { VideoEncoder } = globalThis as any
      VideoEncoder.isConfigSupported = async () => ({ supported: false })
    },
    'This browser has no H.264 encoder, which the recordings need',
  ],
  [
    'no camera',
    // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
    () => Reflect.deleteProperty((globalThis as any).MediaDevices.prototype, 'getUserMedia'),
    'This browser gives pages no camera',
  ],
]

it.skipIf(!hasChromium).each(LACKS)('says why it cannot: %s', async (name, before, text) => {
  const { port } = await startServer()
  const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, before })
  await page.getByRole('alert').getByText(text).waitFor()
  // They differ in their words alone.
  if (name === 'no H.264') expect(await seriousFaults(page)).toEqual([])
})

it.skipIf(!hasChromium || lanAddress === undefined)(
  'says that it needs https, and leads there with its key (skipped where the machine has one address alone)',
  async () => {
    const { server, port, data } = await startServer({
      ...{ host: '0.0.0.0', cameraAccess: 'key', https: true, httpsPort: 0 },
    })
    const { cameraKey } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    const options = { ...PORTRAIT, isPastWarning: true }
    const page = await openPage(`http://${lanAddress}:${port}/camera#key=${cameraKey}`, options)
    await page.getByRole('alert').getByText('Open this page by its https address').waitFor()
    await page.getByRole('link', { name: 'Open the https address' }).click()
    await page.waitForURL(`https://${lanAddress}:${server.httpsPort}/camera`)
    await filming(page)
    await page.getByText('Ready').waitFor()
  },
)

it.skipIf(!hasChromium)('says that the camera was not allowed, and tries again', async () => {
  const { port } = await startServer()
  const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, camera: 'denied' })
  await page.getByRole('alert').getByText('The camera is not allowed').waitFor()
  await page.context().grantPermissions(['camera'])
  await page.getByRole('button', { name: 'Try again' }).click()
  await filming(page)
})

it.skipIf(!hasChromium)('opens while the server is away, and its shell alone is kept', async () => {
  const { server, port } = await startServer()
  const page = await openPage(`http://127.0.0.1:${port}/camera`, PORTRAIT)
  await filming(page)
  const kept = () =>
    page.evaluate<string[]>(
      'caches.open("rollcall-camera").then((cache) => cache.keys()).then((all) => all.map(({ url }) => new URL(url).pathname))',
    )
  await until(
    'the shell is kept',
    async () => (await kept()).filter((path) => /worker/.test(path)).length > 0,
  )
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  expect((await kept()).filter((path) => !/^\/(assets\/|camera$|camera\/)/.test(path))).toEqual([])
  await expectInstallable(page)
  await server.close()
  await page.reload()
  await filming(page)
  await page.getByText('The server does not answer').waitFor()
})

/** Manifest, icons and service worker are served as browsers want them. */
async function expectInstallable(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const { url, data, errors } = await devtools.send('Page.getAppManifest')
  expect(errors).toEqual([])
  expect((await fetch(url)).headers.get('content-type')).toBe('application/manifest+json')
  const manifest = JSON.parse(data!)
  expect(manifest).toMatchObject({ name: 'Rollcall camera', start_url: '/camera', display: 'standalone' })
  // What browsers ask for before they install: 192 and 512 pixels, and one that may be cut round.
  const icons: { src: string; sizes: string; type: string; purpose: string }[] = manifest.icons
  expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
    '192x192 any',
    '512x512 any',
    '512x512 maskable',
  ])
  for (const { src, sizes, type } of icons) {
    const answer = await fetch(new URL(src, url))
    expect(answer.headers.get('content-type')).toBe(type)
    const png = Buffer.from(await answer.arrayBuffer())
    // IHDR comes first (PNG, 11.2.1).
    expect([png.toString('latin1', 1, 4), png.toString('latin1', 12, 16)]).toEqual(['PNG', 'IHDR'])
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes)
  }
  const { headers } = await fetch(new URL('/camera/service-worker.js', url))
  expect(headers.get('content-type')).toMatch(/^(text|application)\/javascript/)
  expect(headers.get('service-worker-allowed')).toBe('/camera')
}

it.skipIf(!hasChromium)(
  'gives way to a newer page of the same phone, and takes the camera back',
  async () => {
    const { port } = await startServer({ thumbnails: false })
    const first = await openPage(`http://127.0.0.1:${port}/camera`, PORTRAIT)
    await filming(first)
    await first.getByText('Ready').waitFor()
    const second = await first.context().newPage()
    await second.goto(`http://127.0.0.1:${port}/camera`)
    await second.getByText('Ready').waitFor()
    await first.getByText('Another page has this camera now').waitFor()
    expect(await seriousFaults(first)).toEqual([])
    await first.getByRole('button', { name: 'Use this one' }).click()
    await first.getByText('Ready').waitFor()
    await second.getByText('Another page has this camera now').waitFor()
  },
)

it.skipIf(!hasChromium)('says that the key is missing or wrong', async () => {
  const { port } = await startServer({ cameraAccess: 'key' })
  const page = await openPage(`http://127.0.0.1:${port}/camera`, PORTRAIT)
  await page.getByRole('alert').getByText('The address lacks the camera key').waitFor()
  await page.goto(`http://127.0.0.1:${port}/camera?again#key=wrong`)
  await page.getByRole('alert').getByText('The camera key in the address is').waitFor()
})

it.skipIf(!hasChromium)(
  'says that a browser without a store keeps what waits in memory; a proxy that finds no server is none that refuses',
  async () => {
    const { server, port } = await startServer({ thumbnails: false })
    const page = await openPage('about:blank', PORTRAIT)
    // A worker that comes from no address is nobody's neighbour.
    await page.context().grantPermissions(['local-network-access'])
    await page.route('**/assets/camera-worker*', async (route) => {
      const response = await route.fetch()
      const body = `delete FileSystemFileHandle.prototype.createSyncAccessHandle;\n${await response.text()}`
      await route.fulfill({ response, body })
    })
    await page.goto(`http://127.0.0.1:${port}/camera`)
    await filming(page)
    await page.getByText('Ready').waitFor()
    await server.close()
    let asked = 0
    const proxy = createServer((request, answer) => {
      asked += request.url?.startsWith('/api/health') ? 1 : 0
      // JSON too, now and then, that says nothing.
      answer.writeHead(502).end(asked % 2 === 1 ? 'null' : 'Bad gateway')
    })
    proxy.listen(port, '127.0.0.1')
    onTestFinished(() => void proxy.close())
    await page.getByRole('button', { name: 'Start recording' }).click()
    await page.getByText('keeps what waits in its memory alone').waitFor()
    await page.getByText(/films: [1-9]\d* s wait here/).waitFor()
    await until('it was asked', () => asked > 1)
    expect(await page.getByText(/Not let in|lets this phone in|little room left/).count()).toBe(0)
    await page.getByText('REC').waitFor()
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText('Connecting').waitFor()
    // Who leaves loses it, and is asked.
    const asks = '!dispatchEvent(new Event("beforeunload", { cancelable: true }))'
    expect(await page.evaluate(asks)).toBe(true)
  },
)
