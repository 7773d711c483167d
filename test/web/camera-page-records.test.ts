/** The camera page in a real browser: it records, and its holder and the control room see how it goes. */

import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { startApi } from '../support/api.ts'
import { filming, LANDSCAPE, PORTRAIT } from '../support/camera-page.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from '../support/folders.ts'
import { expectTimes } from '../support/frame-times.ts'
import { endBrowserAfterAll, hasChromium, openPage, pictureSum } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { expectWholeRecording } from '../support/sums.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

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

/** What of the bar is cut off, or under the red frame at its right and upper edge. Whole lines of the figures may be left out. */
async function cutOffOf(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const boxOf = (where) => document.querySelector(where).getBoundingClientRect()
    const [bar, about, list] = ['.bar', '.bar .about', '.bar ul'].map(boxOf)
    const range = document.createRange()
    range.selectNodeContents(document.querySelector('.headline .figures'))
    const cut = []
    if (range.getBoundingClientRect().right > bar.right - 6) cut.push(range.toString())
    if (about.top < bar.top + 6 || about.bottom > bar.bottom) cut.push('figures')
    for (const one of document.querySelectorAll('.bar li')) {
      const { left, right } = one.getBoundingClientRect()
      if (left < list.left || right > list.right) cut.push(one.textContent)
    }
    return cut
  })()`)
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
    // Above an hour the time is longer; what is less is left out.
    await page.clock.setFixedTime(Date.now() + 3_725_000)
    await page.getByText(/^1:02:\d\d$/).waitFor()
    for (const size of [LANDSCAPE, { width: 640, height: 320 }, { width: 360, height: 640 }, PORTRAIT]) {
      await page.setViewportSize(size)
      expect([size, await cutOffOf(page)]).toEqual([size, []])
    }
    await page.clock.setSystemTime(Date.now())
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

/** Frames come from the preview alone. What the browser is asked to keep is told. */
function makeLikeSafari(): void {
  Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor')
  // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
  const page = globalThis as any
  const { VideoFrame, DOMException, StorageManager, HTMLVideoElement } = page
  // What the browser says of each frame: when the camera took it, in ms.
  const told: number[] = []
  page.told = told
  const { requestVideoFrameCallback } = HTMLVideoElement.prototype
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (hear: (...of: object[]) => void) {
    return requestVideoFrameCallback.call(this, (now: object, frame: { captureTime: number }) => {
      told.push(frame.captureTime)
      hear(now, frame)
    })
  }
  let frames = 0
  // A video gives none now and then.
  page.VideoFrame = new Proxy(VideoFrame, {
    construct: (target, args) => {
      frames += 1
      if (frames % 5 === 1) throw new DOMException('no picture', 'InvalidStateError')
      return Reflect.construct(target, args)
    },
  })
  page.timesAskedToKeep = 0
  StorageManager.prototype.persist = async () => {
    page.timesAskedToKeep += 1
    return true
  }
}

it.skipIf(!hasChromium)(
  'films where there are no streams of frames, as in Safari, though its pictures stop for a while and its key is made anew',
  async () => {
    const { server, port, data, cameraKey, ask } = await startApi({ cameraAccess: 'key' })
    const way = await cutProxy(port)
    const address = `http://127.0.0.1:${way.port}/camera`
    const page = await openPage(`${address}?test#key=${cameraKey}`, { ...PORTRAIT, before: makeLikeSafari })
    const asked = () => page.evaluate<number>('timesAskedToKeep')
    await filming(page)
    await page.getByText('Ready').waitFor()
    expect(await asked()).toBe(0)
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 20)
    expect(await asked()).toBe(1)
    // The camera gives nothing more, and says nothing of it.
    const rates = page.locator('.bar').getByText(/fps|Mbit/)
    await rates.first().waitFor()
    await page.evaluate('document.querySelector("video").pause()')
    await page.getByText('Not filming').waitFor()
    await page.getByText('The camera gives no pictures').waitFor()
    expect([await page.getByText('REC').count(), await rates.count()]).toEqual([0, 0])
    await until('the server is told', () =>
      server.room.views().some(({ phone }) => phone?.notice?.includes('gives no pictures')),
    )
    await page.evaluate('document.querySelector("video").play()')
    await page.getByText('REC').waitFor()
    await rates.first().waitFor()
    const { body: renewed } = await ask('POST /api/tokens/rotate', { which: ['cameraKey'] })
    // The connection dies without a word; the next one is refused.
    way.cut()
    way.mend()
    await page.getByText('lets this phone in no more').waitFor()
    const sums = () => page.evaluate<{ sums: string[] }>('rollcallChecksums()').then((all) => all.sums)
    const before = (await sums()).length
    await until('it films on', async () => (await sums()).length > before + 20)
    expect((await lookOf(page)).state).toBe('recording')
    await page.locator('.picture video').waitFor()
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText('The server does not let this phone in').waitFor()
    await page.getByText(/^\d+ s wait here until the server lets this phone in/).waitFor()
    const all = await sums()
    const toldUs = (await page.evaluate<number[]>('told')).map((ms) => ms * 1000)
    // The code is scanned again.
    await page.goto(`${address}?again#key=${renewed.cameraKey}`)
    await page.getByText('Ready').waitFor()
    const [folder] = await recordingsIn(data)
    await expectWholeRecording(folder!, all)
    const times = (await probePackets(join(folder!, 'stream.mp4'))).map(({ ptsMs }) => ptsMs)
    expect(times).toHaveLength(all.length)
    expectTimes(await rowsIn(folder!), times, toldUs)
  },
)

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
    // What stands in the picture's place is not covered.
    await page.setViewportSize({ width: 640, height: 320 })
    await page.evaluate(
      'document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended"))',
    )
    const again = page.getByRole('button', { name: 'Try again' })
    const { y, height } = (await again.boundingBox())!
    expect((await page.locator('.saying:visible').boundingBox())!.y).toBeGreaterThanOrEqual(y + height)
    await again.click()
    await page.getByText('REC').waitFor()
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
