/** The camera page in a real browser, with Chromium's fake cameras: what its holder sees. */

import { readFile, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

const WEB = new URL('../../dist/web/', import.meta.url)
const MAX_BYTES = 100_000
const PORTRAIT = { width: 390, height: 844 }
const LANDSCAPE = { width: 844, height: 390 }
/** Another address of this machine than its own: browsers do not trust it without TLS. */
const lanAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && one.family === 'IPv4' && !one.internal)?.address

/** The preview shows pictures. */
async function filming(page: Page): Promise<void> {
  await page.locator('.picture[data-there]').waitFor()
  await until('pictures', () => page.evaluate<boolean>('document.querySelector("video")?.currentTime > 0'))
}

it.skipIf(!hasChromium)('opens without a token, asks this server alone, and is small', async () => {
  await stat(fileURLToPath(new URL('camera.html', WEB))).catch(() => {
    throw new Error('there is no dist/web: npm run build first')
  })
  const { port, data } = await startServer()
  const { cameraKey } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  const origin = `http://127.0.0.1:${port}`
  const page = await openPage('about:blank', PORTRAIT)
  const asked: string[] = []
  page.context().on('request', (request) => asked.push(request.url()))
  await page.goto(`${origin}/camera#key=${cameraKey}`)
  await filming(page)
  // The key is out of sight, and kept.
  expect(page.url()).toBe(`${origin}/camera`)
  expect(await page.evaluate('localStorage.getItem("rollcall.camera-key")')).toBe(cameraKey)
  expect(asked.filter((url) => new URL(url).host !== new URL(origin).host)).toEqual([])
  const files = new Set(
    asked.map((url) => new URL(url).pathname).filter((path) => path.startsWith('/assets/')),
  )
  // Its style, its script, the worker.
  expect(files.size).toBeGreaterThanOrEqual(3)
  let bytes = gzipSync(await readFile(new URL('camera.html', WEB))).length
  for (const path of files) bytes += gzipSync(await readFile(new URL(`.${path}`, WEB))).length
  expect(bytes).toBeLessThan(MAX_BYTES)
})

it.skipIf(!hasChromium)(
  'leaves the picture free and all controls in sight, however it is held; axe-core finds nothing serious',
  async () => {
    const { port } = await startServer()
    const page = await openPage(`http://127.0.0.1:${port}/camera`, PORTRAIT)
    await filming(page)
    for (const size of [PORTRAIT, LANDSCAPE, { width: 360, height: 560 }, { width: 640, height: 320 }]) {
      await page.setViewportSize(size)
      const picture = (await page.locator('.picture').boundingBox())!
      for (const part of ['.bar', '.shutter', '.controls .button >> nth=0', '.controls .button >> nth=1']) {
        const box = (await page.locator(part).boundingBox())!
        const isInside =
          box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height
        const isBeside =
          box.x >= picture.x + picture.width - 1 ||
          box.x + box.width <= picture.x + 1 ||
          box.y >= picture.y + picture.height - 1 ||
          box.y + box.height <= picture.y + 1
        expect([size, part, isInside, isBeside]).toEqual([size, part, true, true])
      }
    }
    for (const size of [PORTRAIT, LANDSCAPE]) {
      await page.setViewportSize(size)
      expect(await seriousFaults(page)).toEqual([])
    }
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await seriousFaults(page)).toEqual([])
  },
)

it.skipIf(!hasChromium)(
  'keeps what was chosen, shows what is recorded, and says what the camera gives',
  async () => {
    const { port } = await startServer()
    // More than the camera can.
    const before = () => {
      const { localStorage } = globalThis as unknown as { localStorage: Record<string, string> }
      localStorage['rollcall.camera-picture'] ??= '{"fps":120}'
    }
    const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, before })
    await filming(page)
    const ratio = async () => {
      const { width, height } = (await page.locator('.picture').boundingBox())!
      return width / height
    }
    expect(await ratio()).toBeCloseTo(16 / 9, 1)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByText('The camera gives less than was asked').waitFor()
    await page.getByLabel('Name of this camera').fill('Stage left')
    await page.getByLabel('Pictures a second').selectOption('15')
    await page.getByLabel('1:1').check()
    await page.getByLabel('Size').selectOption('480')
    await page.getByText('The camera gives 640×480').waitFor()
    await page.getByLabel('Write the time into the picture').check()
    await page.getByRole('combobox', { name: 'Camera' }).selectOption({ label: 'fake_device_1' })
    const id = await page.evaluate<string>('localStorage.getItem("rollcall.camera-id")')
    expect(id).toMatch(/^phone-[a-z2-9]{8}$/)
    await page.reload()
    await filming(page)
    await page.getByText('Stage left').waitFor()
    await page.getByText(/^Time: \d\d:\d\d:\d\d$/).waitFor()
    expect(await ratio()).toBeCloseTo(1, 1)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByText(id).waitFor()
    const chosen = (name: string) =>
      page.getByRole('combobox', { name }).locator('option:checked').textContent()
    expect([await chosen('Camera'), await chosen('Size'), await chosen('Pictures a second')]).toEqual([
      'fake_device_1',
      '480p',
      '15',
    ])
    await page.getByLabel('中文').check()
    await page.getByRole('button', { name: '开始录制', includeHidden: true }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: '设置' }).waitFor()
  },
)

it.skipIf(!hasChromium)(
  'goes on with the other camera at a tap, and when one refuses light and zoom',
  async () => {
    const { port } = await startServer()
    const refuses = () => {
      // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
      const { MediaStreamTrack, DOMException } = globalThis as any
      const { getCapabilities, applyConstraints } = MediaStreamTrack.prototype
      MediaStreamTrack.prototype.getCapabilities = function () {
        return { ...getCapabilities.call(this), torch: true, zoom: { min: 1, max: 4, step: 0.1 } }
      }
      MediaStreamTrack.prototype.applyConstraints = function (wanted?: { advanced?: object[] }) {
        if (wanted?.advanced) return Promise.reject(new DOMException('no', 'OverconstrainedError'))
        return applyConstraints.call(this, wanted)
      }
    }
    const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, before: refuses })
    await filming(page)
    await page.getByRole('button', { name: 'Light' }).click()
    const zoom = page.getByRole('slider', { name: 'Zoom' })
    await zoom.fill('2')
    await until('the zoom that it has', async () => (await zoom.inputValue()) === '1')
    await page.getByRole('button', { name: 'Light', pressed: false }).waitFor()
    const device = () =>
      page.evaluate<string>('document.querySelector("video")?.srcObject?.getVideoTracks()[0].label ?? ""')
    const before = await device()
    await page.getByRole('button', { name: 'Other camera' }).click()
    await until('the other one', async () => {
      const now = await device()
      return now !== '' && now !== before
    })
    await filming(page)
  },
)

/** Each runs in the page before anything of ours. */
const LACKS: [string, () => void, string][] = [
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
    'and not H.264, which the recordings need',
  ],
  [
    'no camera',
    // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
    () => Reflect.deleteProperty((globalThis as any).MediaDevices.prototype, 'getUserMedia'),
    'This browser gives pages no camera',
  ],
]

it.skipIf(!hasChromium).each(LACKS)('says why it cannot: %s', async (_name, before, text) => {
  const { port } = await startServer()
  const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, before })
  await page.getByRole('alert').getByText(text).waitFor()
  expect(await seriousFaults(page)).toEqual([])
})

it.skipIf(!hasChromium || lanAddress === undefined)(
  'says that it needs https (skipped where the machine has one address alone)',
  async () => {
    const { port } = await startServer({ host: '0.0.0.0' })
    const page = await openPage(`http://${lanAddress}:${port}/camera`, PORTRAIT)
    await page.getByRole('alert').getByText('Open this page by its https address').waitFor()
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
  await server.close()
  await page.reload()
  await filming(page)
  await page.getByText('The server does not answer').waitFor()
})

it.skipIf(!hasChromium)(
  'records at its own button and at the control room, and shows both at once',
  async () => {
    const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    const origin = `http://127.0.0.1:${port}`
    const page = await openPage(`${origin}/camera`, PORTRAIT)
    await filming(page)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel('Name of this camera').fill('Stage left')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByText('Ready').waitFor()
    await page.getByRole('button', { name: 'Start recording' }).click()
    await page.getByText('REC').waitFor()
    await page.getByText(/^\d+\.\d Mbit\/s/).waitFor()
    // The screen is kept on.
    expect(await page.getByText('lets the screen go dark').count()).toBe(0)
    // Another app takes the camera, and gives it back.
    await page.evaluate(
      'document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended"))',
    )
    await page.getByText('Not filming').waitFor()
    expect(await page.getByText('REC').count()).toBe(0)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('REC').waitFor()
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText('Ready').waitFor()
    const room = await openPage(`${origin}/login#${server.accessToken}`)
    await room.getByText('1 camera', { exact: true }).waitFor()
    await room.getByRole('button', { name: 'Start recording' }).click()
    await page.getByText('REC').waitFor()
    await room.getByText('1 of 1 confirmed').waitFor()
    await room.getByRole('button', { name: /^Stop/ }).click()
    await page.getByText('Ready').waitFor()
    const folders = await until('two recordings', async () => {
      const all = await recordingsIn(data)
      return all.length === 2 && all
    })
    for (const folder of folders) {
      await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
      const { integrity } = await documentIn(folder)
      expect(integrity.missing).toBe(0)
    }
  },
)

it.skipIf(!hasChromium)(
  'films where there are no streams of frames, as in Safari, past the warning',
  async () => {
    const { server } = await startServer({ thumbnails: false, stopWaitMs: 0, https: true, httpsPort: 0 })
    const before = () => {
      Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor')
      // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
      const { VideoFrame, DOMException } = globalThis as any
      let frames = 0
      // A video gives none now and then.
      Object.assign(globalThis, {
        VideoFrame: new Proxy(VideoFrame, {
          construct: (target, args) => {
            frames += 1
            if (frames % 5 === 1) throw new DOMException('no picture', 'InvalidStateError')
            return Reflect.construct(target, args)
          },
        }),
      })
    }
    const page = await openPage(`https://127.0.0.1:${server.httpsPort}/camera`, {
      ...PORTRAIT,
      before,
      isPastWarning: true,
    })
    await filming(page)
    await page.getByText('Ready').waitFor()
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 5)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText('Ready').waitFor()
  },
)

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

it.skipIf(!hasChromium)('says that the key is wrong', async () => {
  const { port } = await startServer({ cameraAccess: 'key' })
  const page = await openPage(`http://127.0.0.1:${port}/camera#key=wrong`, PORTRAIT)
  await page.getByRole('alert').getByText('The server does not let this phone in').waitFor()
})

it.skipIf(!hasChromium)(
  'tells how much it keeps while the server is away, and when it has caught up',
  async () => {
    const { server, port } = await startServer({ thumbnails: false })
    const way = await cutProxy(port)
    const page = await openPage(`http://127.0.0.1:${way.port}/camera`, PORTRAIT)
    await filming(page)
    await page.getByText('Ready').waitFor()
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 5)
    way.cut()
    await page.getByText(/films: [1-9]\d* s wait here/).waitFor()
    await page.getByText('REC').waitFor()
    way.mend()
    await until('all is there', async () => (await page.getByText(/wait here/).count()) === 0)
  },
)
