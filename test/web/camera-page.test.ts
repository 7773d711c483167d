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
import { probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage, pictureSum } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { expectWholeRecording } from '../support/sums.ts'
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
    const settings = (await page.getByRole('button', { name: 'Settings' }).boundingBox())!
    const shutter = (await page.locator('.shutter').boundingBox())!
    expect(shutter.y - settings.y - settings.height).toBeGreaterThanOrEqual(16)
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
    await page.getByText('Records as 480×480').waitFor()
    await page.locator('.bar').getByText('480×480').waitFor()
    await page.getByLabel('Write the time into the picture').check()
    await page.getByRole('combobox', { name: 'Camera' }).selectOption({ label: 'fake_device_1' })
    const id = await page.evaluate<string>('localStorage.getItem("rollcall.camera-id")')
    expect(id).toMatch(/^phone-[a-z2-9]{8}$/)
    await page.reload()
    await filming(page)
    await page.getByText('Stage left').waitFor()
    await page.getByText(/^Time: \d\d:\d\d:\d\d\.\d{3}$/).waitFor()
    await page.getByText(/^\d{4}-\d\d-\d\d UTC[+-]\d\d:\d\d$/).waitFor()
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

it.skipIf(!hasChromium)('goes on when its camera refuses light and zoom', async () => {
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
})

/** The first camera is at the back, with light and zoom; the second looks at who holds the phone. The phone gets hot at a word. */
function makeLikePhone(): void {
  // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
  const page = globalThis as any
  const track = page.MediaStreamTrack.prototype
  const { getCapabilities, getSettings, applyConstraints } = track
  const isBack = (one: { label: string }) => one.label.startsWith('fake_device_0')
  track.getCapabilities = function () {
    const can = getCapabilities.call(this)
    return isBack(this) ? { ...can, torch: true, zoom: { min: 1, max: 4, step: 0.5 } } : can
  }
  track.getSettings = function () {
    return { ...getSettings.call(this), facingMode: isBack(this) ? 'environment' : 'user' }
  }
  page.asked = []
  track.applyConstraints = function (constraints: { advanced?: object[] }) {
    if (!constraints.advanced) return applyConstraints.call(this, constraints)
    page.asked.push(...constraints.advanced)
    return Promise.resolve()
  }
  page.locks = []
  const { request } = page.WakeLock.prototype
  page.WakeLock.prototype.request = async function (type: string) {
    const lock = await request.call(this, type)
    page.locks.push(lock)
    return lock
  }
  page.PressureObserver = class {
    constructor(tell: (records: object[]) => void) {
      page.press = (state: string) => tell([{ state }])
    }
    observe = () => Promise.resolve()
  }
}

it.skipIf(!hasChromium)(
  'lights and zooms, goes on with the other camera at a tap, mirrors it; stays awake, and says that it is hot',
  async () => {
    const { port } = await startServer()
    const before = makeLikePhone
    const page = await openPage(`http://127.0.0.1:${port}/camera`, { ...PORTRAIT, before })
    await filming(page)
    const device = () =>
      page.evaluate<string>('document.querySelector("video")?.srcObject?.getVideoTracks()[0].label ?? ""')
    const locks = () => page.evaluate<boolean[]>('locks.map(({ released }) => released)')
    const back = await device()
    const light = page.getByRole('button', { name: 'Light' })
    await light.click()
    await page.getByRole('button', { name: 'Light', pressed: true }).click()
    await page.getByRole('button', { name: 'Light', pressed: false }).click()
    await page.getByRole('slider', { name: 'Zoom' }).fill('2.5')
    await page.getByText('2.5×').waitFor()
    expect(await page.evaluate('asked')).toEqual([
      { torch: true },
      { torch: false },
      { torch: true },
      { zoom: 2.5 },
    ])
    expect(await page.locator('video.mirrored').count()).toBe(0)
    // The browser lets go of the screen.
    await until('it is awake', async () => `${await locks()}` === 'false')
    await page.evaluate('locks[0].release()')
    await until('it is awake again', async () => `${await locks()}` === 'true,false')
    await page.getByRole('button', { name: 'Other camera' }).click()
    await until('the other one', async () => {
      const now = await device()
      return now !== '' && now !== back
    })
    await filming(page)
    expect([await light.count(), await page.getByRole('slider').count()]).toEqual([0, 0])
    await page.locator('video.mirrored').waitFor()
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel(/^Mirror the preview/).uncheck()
    expect(await page.locator('video.mirrored').count()).toBe(0)
    await page.getByRole('button', { name: 'Close' }).click()
    // At its limit for half a minute.
    await page.clock.install()
    await page.evaluate('press("critical")')
    await page.clock.fastForward(31_000)
    await page.getByText('This phone is at its limit').waitFor()
    await page.evaluate('press("fair")')
    await page.getByText('This phone is at its limit').waitFor({ state: 'detached' })
  },
)

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
  await expectInstallable(page)
  await server.close()
  await page.reload()
  await filming(page)
  await page.getByText('The server does not answer').waitFor()
})

/** What is seen of the state from afar. */
async function lookOf(page: Page) {
  return page.evaluate<{ state: string; bar: string; frame: string; textPx: number }>(`(() => {
    const camera = document.querySelector('.camera')
    const style = (where, part) => getComputedStyle(document.querySelector(where), part)
    const frame = style('.camera', '::after')
    return {
      state: camera.dataset.state,
      bar: style('.camera > .bar').backgroundColor,
      frame: frame.content === 'none' ? 'none' : frame.borderTop,
      textPx: parseFloat(style('.headline > :last-child').fontSize),
    }
  })()`)
}

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
    const calm = await lookOf(page)
    expect(calm).toMatchObject({ state: 'ready', frame: 'none' })
    await page.getByRole('button', { name: 'Start recording' }).click()
    await page.getByText('REC').waitFor()
    await page.getByText(/^\d+\.\d Mbit\/s/).waitFor()
    // The screen is kept on.
    expect(await page.getByText('lets the screen go dark').count()).toBe(0)
    // Who leaves is asked first.
    const asks = () =>
      page.evaluate<boolean>('!dispatchEvent(new Event("beforeunload", { cancelable: true }))')
    expect(await asks()).toBe(true)
    // Another app takes the camera, and gives it back.
    await page.evaluate(
      'document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended"))',
    )
    await page.getByText('Not filming').waitFor()
    expect(await page.getByText('REC').count()).toBe(0)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('REC').waitFor()
    // From across the room: red, and large.
    const red = 'rgb(217, 45, 38)'
    const loud = await lookOf(page)
    expect(loud).toMatchObject({ state: 'recording', bar: red, frame: `6px solid ${red}` })
    expect(loud.textPx).toBeGreaterThanOrEqual(34)
    expect(loud.textPx).toBeGreaterThan(calm.textPx)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText('Ready').waitFor()
    expect((await lookOf(page)).bar).toBe(calm.bar)
    expect(await asks()).toBe(false)
    // What the operator asks for holds for the take alone, in the camera too.
    const figures = async () => (await page.locator('.bar .figures').allTextContents()).join(' ')
    // Beside it stands what is measured.
    const size = async () => /\d+×\d+/.exec(await figures())?.[0]
    const own = await until('its size', size)
    server.room.start({ bitrateMbps: 1, fps: 10, aspectRatio: { width: 1, height: 1 } })
    await page.locator('.bar').getByText('720×720').waitFor()
    await until('pictures for it', () => (server.cameras()[0]?.pictures ?? 0) > 5)
    server.room.stop()
    await page.getByText('Ready').waitFor()
    await until('what its holder chose', async () => (await size()) === own)
    await page.getByRole('button', { name: 'Settings' }).click()
    expect(await page.getByLabel('16:9').isChecked()).toBe(true)
    const rates = page.getByRole('combobox', { name: 'Pictures a second' })
    expect(await rates.inputValue()).toBe('30')
    await page.getByRole('button', { name: 'Close' }).click()
    const room = await openPage(`${origin}/login#${server.accessToken}`)
    await room.getByText('1 camera', { exact: true }).waitFor()
    // The shot is framed there before it is recorded, and the phone says so.
    const tile = room.getByRole('article')
    const first = await until('its picture', () => pictureSum(tile))
    await until('another', async () => (await pictureSum(tile)) !== first)
    await page.getByText('The control room sees this picture').waitFor()
    await room.getByRole('button', { name: 'Start recording' }).click()
    await page.getByText('REC').waitFor()
    await room.getByText('1 of 1 confirmed').waitFor()
    await until('pictures for it', () => (server.cameras()[0]?.pictures ?? 0) > 0)
    // Stopped on the phone: nobody records, and the room says so and what to do.
    await page.getByRole('button', { name: 'Stop recording' }).click()
    const dock = room.getByRole('region', { name: 'Recording' })
    await dock.getByText('Nobody records', { exact: true }).waitFor()
    await until('no red', async () => (await room.locator('.brand.recording').count()) === 0)
    const takeId = server.room.takeId()
    await dock.getByRole('button', { name: 'Start a new take' }).click()
    await page.getByText('REC').waitFor()
    await until('another take', () => server.room.takeId() !== takeId)
    await dock.getByText('1 of 1 recording').waitFor()
    expect(await dock.getByText('Nobody records').count()).toBe(0)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await dock.getByText('Nobody records', { exact: true }).waitFor()
    await room.getByRole('button', { name: 'Stop recording' }).click()
    await dock.getByText('Ready').waitFor()
    expect(server.room.takeId()).toBeUndefined()
    await page.getByText('Ready').waitFor()
    const folders = await until('four recordings', async () => {
      const all = await recordingsIn(data)
      return all.length === 4 && all
    })
    for (const folder of folders) {
      await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
      const { integrity } = await documentIn(folder)
      expect(integrity.missing).toBe(0)
    }
  },
)

it.skipIf(!hasChromium)('films where there are no streams of frames, as in Safari', async () => {
  const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0 })
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
  const page = await openPage(`http://127.0.0.1:${port}/camera?test`, { ...PORTRAIT, before })
  await filming(page)
  await page.getByText('Ready').waitFor()
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 20)
  await page.getByRole('button', { name: 'Stop recording' }).click()
  await page.getByText('Ready').waitFor()
  const [folder] = await recordingsIn(data)
  await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
  const { sums } = await page.evaluate<{ sums: string[] }>('rollcallChecksums()')
  expect(sums.length).toBeGreaterThan(20)
  await expectWholeRecording(folder!, sums)
  const times = (await probePackets(join(folder!, 'stream.mp4'))).map(({ ptsMs }) => ptsMs)
  expect(times).toHaveLength(sums.length)
  expect(times.filter((ms, i) => i > 0 && ms <= times[i - 1]!)).toEqual([])
})

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

/** A phone with a battery that is nearly empty, and with memory for some seconds. */
function makeSmall(): void {
  // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
  const page = globalThis as any
  page.localStorage['rollcall.camera-picture'] = '{"shortSide":480,"bitrateMbps":1}'
  const battery = Object.assign(new EventTarget(), { level: 0.12, charging: false })
  page.Navigator.prototype.getBattery = () => Promise.resolve(battery)
  page.plugIn = () => {
    battery.charging = true
    battery.dispatchEvent(new Event('chargingchange'))
  }
  const { postMessage } = page.Worker.prototype
  page.Worker.prototype.postMessage = function (message: { type?: string }, ...rest: unknown[]) {
    postMessage.call(this, message.type === 'open' ? { ...message, memoryBytes: 200_000 } : message, ...rest)
  }
}

it.skipIf(!hasChromium)(
  'tells how much it keeps while the server is away, that it has no room left, how its battery is; the control room tells it too',
  async () => {
    const { server, port } = await startServer({ thumbnails: false })
    const way = await cutProxy(port)
    const address = `http://127.0.0.1:${way.port}`
    const page = await openPage(`${address}/camera`, { ...PORTRAIT, before: makeSmall })
    const room = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await filming(page)
    await page.getByText('Battery at 12 %. Plug the phone in.').waitFor()
    await page.evaluate('plugIn()')
    await page.getByText('Plug the phone in').waitFor({ state: 'detached' })
    await page.getByText('Ready').waitFor()
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 5)
    const tile = room.locator('.tile')
    await tile.getByText('12 % charging').waitFor()
    const rate = page.getByText(/Mbit\/s$/)
    await rate.waitFor()
    way.cut()
    await page.getByText(/films: [1-9]\d* s wait here/).waitFor()
    await page.getByText('REC').waitFor()
    // Nothing goes out.
    expect(await rate.count()).toBe(0)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: address, quotaSize: 200_000 })
    await page.getByText('This phone has no room left').waitFor()
    await page.getByText(/^This phone had no room: \d+ pictures were given up/).waitFor()
    await page.setViewportSize(LANDSCAPE)
    await page.getByText(/And \d more\.$/).waitFor()
    expect(await page.locator('.saying:visible').count()).toBe(1)
    await page.setViewportSize(PORTRAIT)
    way.narrow(60_000)
    way.mend()
    await tile.getByText(/^\d+ given up$/).waitFor()
    await tile.getByText(/^\d+ s waiting$/).waitFor()
    await tile.getByText('the storage of the phone is full').waitFor()
    way.narrow(Number.POSITIVE_INFINITY)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await until(
      'all is there',
      async () => (await page.getByText(/wait here|pictures? (was|were) given up/).count()) === 0,
    )
  },
)
