/** The control room in a real browser, with three phones: looked at, started, stopped. */

import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { recordingsIn, temporaryFolder } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage, type PageOptions, pictureSum } from '../support/page.ts'
import { simulatePhones } from '../support/phones.ts'
import { RollcallProcess, ServerProcess } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { unzip } from '../support/unzip.ts'

if (!hasChromium) console.warn('Tests are left out, of the control room: there is no Chromium.')
endBrowserAfterAll()

/** Three phones, and a page that came by the link of the terminal. */
async function room(options: PageOptions = {}) {
  const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  await simulatePhones(port, 3)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`, options)
  const tiles = page.getByRole('article')
  await until('three tiles', async () => (await tiles.count()) === 3)
  return { page, tiles, data, port, server }
}

/** Every tile shows a picture, and then another. */
async function expectMoving(page: Page): Promise<void> {
  for (const tile of await page.getByRole('article').all()) {
    const first = await until('a picture', () => pictureSum(tile))
    await until('another picture', async () => ((await pictureSum(tile)) ?? first) !== first)
  }
}

it.skipIf(!hasChromium)('starts by the button, draws every camera, confirms by name, and stops', async () => {
  const { page, tiles, data } = await room()
  expect(page.url()).not.toContain('#')
  await page.getByText('All 3 cameras').waitFor()
  expect(await tiles.first().textContent()).toContain('Ready')
  const lasts = page.getByTitle('How long the disk lasts at this rate')
  const longest = (await lasts.textContent())!
  expect(longest).toMatch(/^\d+ (min|h|days)( \d+ min)? left$/)
  await page.getByRole('spinbutton', { name: 'Mbit/s' }).fill('200')
  await until('it lasts shorter', async () => (await lasts.textContent()) !== longest)
  await page.getByRole('spinbutton', { name: 'Mbit/s' }).fill('4')
  await until('as before', async () => (await lasts.textContent()) === longest)
  // A countdown that is called off starts nothing.
  await page.getByLabel('Countdown').selectOption('10')
  await page.keyboard.press('Tab')
  await page.locator('main').focus()
  await page.keyboard.press('Space')
  await page.getByText('Starts in', { exact: true }).waitFor()
  await page.keyboard.press('Space')
  await page.getByText('Space starts').waitFor()
  // In every view it is seen, and Escape ends it.
  await page.keyboard.press('Space')
  await page.getByRole('link', { name: 'Settings' }).click()
  const counting = page.getByRole('banner').getByText(/^Starts in \d+$/)
  await counting.waitFor()
  await page.keyboard.press('Escape')
  await until('it is called off', async () => (await counting.count()) === 0)
  await page.getByRole('link', { name: 'Live', exact: true }).click()
  expect(await recordingsIn(data)).toEqual([])
  await page.getByLabel('Countdown').selectOption('0')
  await page.getByRole('button', { name: 'Start recording 3 cameras' }).click()
  await page.getByText('3 of 3 confirmed').waitFor()
  await expectMoving(page)
  await until('what each camera sends', async () => {
    const texts = await tiles.allTextContents()
    return texts.every(
      (text) => /\d fps/.test(text) && /Mbit\/s/.test(text) && /160×90/.test(text) && /ms delay/.test(text),
    )
  })
  expect(await page.locator('.rec').count()).toBe(3)
  await page.getByRole('button', { name: 'Stop recording' }).click()
  await page.getByText('3 of 3 stopped').waitFor()
  await until('all are ready', async () => (await page.locator('.rec').count()) === 0)
  // The last picture stays, also for who comes later.
  expect(await pictureSum(tiles.first())).toBeDefined()
  await page.reload()
  await page.getByText('All 3 cameras').waitFor()
  for (const tile of await tiles.all()) {
    await until('its last picture', () => pictureSum(tile))
    expect(await tile.textContent()).toContain('Ready')
  }
  expect(await recordingsIn(data)).toHaveLength(3)
})

it.skipIf(!hasChromium)('starts and stops by the space bar, those that are ticked, in Chinese', async () => {
  const { page, data } = await room({ language: 'zh-CN' })
  expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
  await page.getByLabel('参与录制').nth(1).uncheck()
  await page.getByText('3 台中的 2 台').waitFor()
  expect(await page.getByRole('article').getByText('未选').count()).toBe(1)
  await page.keyboard.press('Space')
  await page.getByText('2 台中 2 台已确认').waitFor()
  await page.getByText('2/3 台录制中').waitFor()
  await page.getByLabel('参与录制').first().uncheck()
  await page.getByText('下次开始时生效，本次录制不受影响。').waitFor()
  await page.getByLabel('参与录制').first().check()
  await page.locator('main').focus()
  await page.keyboard.press('Space')
  await page.getByText('2 台中 2 台已停止').waitFor()
  expect(await recordingsIn(data)).toHaveLength(2)
  await page.getByRole('button', { name: '语言、主题、退出登录' }).click()
  await page.getByLabel('English').check()
  await page.getByText('2 of 3 cameras').waitFor()
  // The theme is the chosen one, or the device's.
  const colour = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const dark = await colour()
  await page.getByRole('radio', { name: 'Light' }).check()
  const light = await until('a light room', async () => (await colour()) !== dark && colour())
  await page.reload()
  await page.getByText('All 3 cameras').waitFor()
  expect(await colour()).toBe(light)
  await page.getByRole('button', { name: 'Language, theme, sign out' }).click()
  await page.getByRole('radio', { name: 'As device' }).check()
  await until('dark again', async () => (await colour()) === dark)
  await page.emulateMedia({ colorScheme: 'light' })
  await until('as the device', async () => (await colour()) === light)
})

it.skipIf(!hasChromium)('names and colours a camera in place, shows it big, saves its picture', async () => {
  const { page, tiles } = await room()
  await page.keyboard.press('Space')
  await expectMoving(page)
  const first = tiles.first()
  await first.hover()
  await first.getByRole('button', { name: /Name and colour/ }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Wide')
  await page.getByLabel('Purple').check()
  await page.keyboard.press('Enter')
  const wide = page.getByRole('article', { name: 'Wide' })
  await until('its colour', async () => (await wide.getAttribute('data-colour')) === 'purple')
  await wide.hover()
  await wide.getByRole('button', { name: /Name and colour/ }).click()
  const place = () =>
    tiles.evaluateAll((all) => all.findIndex((one) => one.getAttribute('aria-label') === 'Wide'))
  for (const [button, at] of [
    ['Move back', 1],
    ['Move back', 2],
    ['Move forward', 1],
  ] as const) {
    await page.getByRole('button', { name: button }).click()
    await until(`place ${at}`, async () => (await place()) === at)
  }
  await page.keyboard.press('Escape')
  const small = await wide.boundingBox()
  await wide.getByRole('button', { name: 'Show Wide big' }).click()
  await until('it is big', async () => ((await wide.boundingBox())?.width ?? 0) > small!.width * 1.5)
  await expectMoving(page)
  const saving = page.waitForEvent('download')
  await wide.getByRole('button', { name: 'Save this picture as PNG' }).click()
  const saved = await saving
  expect(saved.suggestedFilename()).toMatch(/^Wide_\d{8}_\d{6}\.png$/)
  const png = await readFile(await saved.path())
  expect([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([
    'PNG',
    160,
    90,
  ])
  await wide.getByRole('button', { name: 'Show all cameras' }).dblclick()
  await until('it fills the screen', () => page.evaluate<boolean>('document.fullscreenElement !== null'))
  await page.evaluate('document.exitFullscreen()')
  await until('it does not', () => page.evaluate<boolean>('document.fullscreenElement === null'))
  await page.keyboard.press('Escape')
  await until('all are small', async () => ((await wide.boundingBox())?.width ?? 0) <= small!.width)
  await page.reload()
  await wide.waitFor()
  expect(await place()).toBe(1)
})

it.skipIf(!hasChromium)(
  'draws onto canvases in a browser that cannot stream frames into a video, and says so in one that cannot decode',
  async () => {
    const { page, port, server } = await room({
      before: () => Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator'),
    })
    expect(await page.locator('.screen > canvas').count()).toBe(3)
    const blind = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`, {
      before: () => Reflect.deleteProperty(globalThis, 'VideoDecoder'),
    })
    await blind.getByText('This browser cannot show live pictures.').waitFor()
    await blind.getByRole('button', { name: 'Start recording 3 cameras' }).click()
    await blind.getByText('3 of 3 confirmed').waitFor()
    expect(await blind.locator('video, canvas').count()).toBe(0)
    await expectMoving(page)
  },
)

it.skipIf(!hasChromium)(
  'records, watches and downloads a take of simulated phones, by the link in the terminal',
  async () => {
    const server = await ServerProcess.start(['--data', await temporaryFolder()])
    const [link] = await server.says(/http:\/\/127\.0\.0\.1:\d+\/login#[\w-]+/)
    const url = `ws://127.0.0.1:${server.port}/android-cam`
    const small = ['--size', '160x90', '--fps', '15']
    new RollcallProcess(['simulate', '--cameras', '3', '--url', url, ...small])
    const page = await openPage(link)
    await page.getByRole('button', { name: 'Start recording 3 cameras' }).click()
    await page.getByText('3 of 3 confirmed').waitFor()
    await expectMoving(page)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByRole('link', { name: 'Watch the take' }).click()
    await page.getByRole('button', { name: 'Play all' }).click()
    for (const film of await page.locator('.films li').all()) {
      const first = await until('its picture', () => pictureSum(film))
      await until('it plays', async () => (await pictureSum(film)) !== first)
    }
    const saving = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Whole take' }).click()
    const files = await unzip(await readFile(await (await saving).path()))
    expect([...files.keys()].filter((name) => name.endsWith('.mp4'))).toHaveLength(3)
  },
)
