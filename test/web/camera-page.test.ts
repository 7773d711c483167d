/** The camera page in a real browser, with Chromium's fake cameras: what its holder sees, and may choose. */

import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { filming, LANDSCAPE, PORTRAIT } from '../support/camera-page.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

const WEB = new URL('../../dist/web/', import.meta.url)
const MAX_BYTES = 100_000

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
        // The red frame is 6 wide.
        const isFree = part === '.bar' || box.y + box.height <= size.height - 10
        expect([size, part, isInside, isBeside, isFree]).toEqual([size, part, true, true, true])
      }
    }
    for (const size of [PORTRAIT, LANDSCAPE]) {
      await page.setViewportSize(size)
      expect(await seriousFaults(page)).toEqual([])
    }
    for (const size of [{ width: 640, height: 320 }, LANDSCAPE]) {
      await page.setViewportSize(size)
      const settings = (await page.getByRole('button', { name: 'Settings' }).boundingBox())!
      const shutter = (await page.locator('.shutter').boundingBox())!
      expect(shutter.y - settings.y - settings.height).toBeGreaterThanOrEqual(16)
    }
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    // In line, though a label has two lines.
    await page.setViewportSize({ width: 340, height: 560 })
    const fields = await page.locator('dialog .row select').all()
    const boxes = await Promise.all(fields.map((field) => field.boundingBox()))
    expect(boxes.map((box) => box!.y)).toEqual(Array(3).fill(boxes[0]!.y))
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
    await page.getByText(/^Time: \d\d:\d\d:\d\d$/).waitFor()
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

/** Mean luma of a piece of the first picture's upper part, at a share of its width: the fake camera has its text at the left. */
async function brightnessAt(left: number, film: string): Promise<number> {
  const piece = `crop=iw*0.15:ih*0.05:iw*${left}:ih*0.045,format=gray,scale=1:1:flags=area`
  const one = ['-vf', piece, '-frames:v', '1', '-f', 'rawvideo', '-']
  const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', film, ...one], {
    encoding: 'buffer',
  })
  return stdout[0]!
}

it.skipIf(!hasChromium)(
  'goes on when its camera refuses light and zoom; the film of a front camera is not mirrored as its preview is',
  async () => {
    const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    const refuses = () => {
      // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
      const { MediaStreamTrack, DOMException } = globalThis as any
      const { getCapabilities, getSettings, applyConstraints } = MediaStreamTrack.prototype
      MediaStreamTrack.prototype.getSettings = function () {
        return { ...getSettings.call(this), facingMode: 'user' }
      }
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
    await page.locator('video.mirrored').waitFor()
    await page.getByText('Ready').waitFor()
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 5)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    const [folder] = await recordingsIn(data)
    await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
    const film = join(folder!, 'stream.mp4')
    expect(await brightnessAt(0.08, film)).toBeGreaterThan((await brightnessAt(0.77, film)) + 5)
  },
)

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
