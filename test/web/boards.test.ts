/** Boards in the control room, in a real browser: in the grid, on their console page, and devices that send numbers. */

import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { seriousFaults } from '../support/axe.ts'
import { jpegs, TestBoard } from '../support/board.ts'
import { endBrowserAfterAll, hasChromium, openPage, pictureSum } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of boards in the control room: there is no Chromium.')
endBrowserAfterAll()

const opacityIn = (page: Page) =>
  page.evaluate<string>('getComputedStyle(document.querySelector(".board .screen canvas")).opacity')

async function expectNoFaults(page: Page): Promise<void> {
  expect(await seriousFaults(page)).toEqual([])
  const surplus = await page.evaluate<number>(
    'Math.max(...[document.documentElement, document.querySelector("main")].map((one) => one.scrollWidth - one.clientWidth))',
  )
  expect(surplus).toBeLessThanOrEqual(0)
}

it.skipIf(!hasChromium)('boards are seen and steered, devices draw', async () => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0, helloMs: 500 })
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  const entry = page.getByRole('link', { name: 'Boards' })
  await page.getByText('No camera is connected').waitFor()
  expect(await entry.count()).toBe(0)
  // Where none ever was, the page says how they come.
  await page.evaluate('location.hash = "#/boards"')
  await page.getByText('No board is connected').waitFor()
  await page.evaluate('location.hash = "#/live"')

  const first = await TestBoard.connect({ port, query: '?id=bench-1' })
  const second = await TestBoard.connect({
    port,
    query: '?id=bench-2',
    answers: (text) =>
      text === 'status' ? 'STATUS: VGA, 12' : text === 'dance' ? 'ERROR: unknown' : `ACK: ${text}`,
  })
  await entry.waitFor()
  const pictures = await jpegs(20)
  /** Both boards film, each its own pictures, until the test ends. */
  let count = 0
  let isFilming = true
  const film = setInterval(() => {
    if (!isFilming) return
    count += 1
    for (const board of [first, second])
      if (board.socket.readyState === WebSocket.OPEN) board.picture(pictures[count % pictures.length]!)
  }, 100)
  onTestFinished(() => clearInterval(film))

  // In the grid they stand as any other.
  for (const tile of await page.getByRole('article').all()) {
    const shown = await until('a picture', () => pictureSum(tile))
    await until('another picture', async () => ((await pictureSum(tile)) ?? shown) !== shown)
  }
  expect(await page.getByRole('article').count()).toBe(2)
  // What the next start asks of boards, and that they hear it.
  isFilming = false
  await page.getByRole('button', { name: 'Stop recording' }).click()
  for (const { received } of [first, second]) await until('the stop', () => received.at(-1) === 'stop')
  await page.getByRole('button', { name: 'Boards: resolution and quality' }).click()
  await page.getByRole('dialog').getByLabel('Resolution').selectOption('UXGA')
  await page
    .getByRole('dialog')
    .getByLabel(/^Quality/)
    .fill('64')
  await page.getByText('1 to 63, or empty').waitFor()
  await page
    .getByRole('dialog')
    .getByLabel(/^Quality/)
    .fill('12')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Start recording 2 cameras' }).click()
  for (const { received } of [first, second])
    await until('the start with what was chosen', () => received.at(-1) === 'start UXGA 12')
  isFilming = true

  await entry.click()
  await page.getByRole('link', { name: /\(2\)|bench-2/ }).click()
  const board = page.locator('.board')
  const screen = board.locator('.seen')
  const shown = await until('a picture', () => pictureSum(screen))
  await until('another picture', async () => ((await pictureSum(screen)) ?? shown) !== shown)
  await until('its figures', async () => {
    const text = (await screen.textContent()) ?? ''
    return /Capturing/.test(text) && /[1-9]\d* pictures\/s/.test(text) && /320×240/.test(text)
  })
  const log = page.getByRole('log')
  await page.getByLabel('Resolution').selectOption('VGA')
  await page.getByLabel(/^Quality/).fill('10')
  const start = board.getByRole('button', { name: 'Start', exact: true })
  await start.click()
  await log.getByText('ACK: start VGA 10').waitFor()
  // A wrong field starts nothing, and not with what stood there before.
  await page.getByLabel(/^Quality/).fill('64')
  await page.getByText('1 to 63, or empty').waitFor()
  expect(await start.isDisabled()).toBe(true)
  await page.getByLabel(/^Quality/).fill('11')
  await start.click()
  await log.getByText('ACK: start VGA 11').waitFor()
  // What it says beside its own words is counted and shown.
  second.say('frame 1')
  await screen.getByText('1 unknown text').waitFor()
  await log.getByText('frame 1', { exact: true }).waitFor()
  expect(second.received).toContain('start VGA 10')
  expect(first.received).not.toContain('start VGA 10')
  await board.getByRole('button', { name: 'Status' }).click()
  await log.getByText('STATUS: VGA, 12').waitFor()
  await page.getByLabel('Any text').fill('dance')
  await page.keyboard.press('Enter')
  await log.getByText('ERROR: unknown').waitFor()
  expect(await log.locator('li', { hasText: 'dance' }).first().textContent()).toMatch(
    /^\d\d:\d\d:\d\d→to the boarddance$/,
  )
  // As it came.
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    board.getByRole('button', { name: 'Download the picture' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^.+_\d{8}_\d{6}\.jpg$/)
  const saved = await readFile(await download.path())
  expect(pictures.some((one) => saved.equals(one))).toBe(true)
  const isFull = () => page.evaluate<boolean>('document.fullscreenElement !== null')
  await page.keyboard.press('F11')
  await until('full screen', isFull)
  await until('as large as the screen', () =>
    screen
      .locator('canvas')
      // biome-ignore lint/suspicious/noExplicitAny: a canvas of the page
      .evaluate((canvas: any) => {
        const { innerWidth, innerHeight } = canvas.ownerDocument.defaultView
        return canvas.clientWidth === innerWidth && canvas.clientHeight === innerHeight
      }),
  )
  const large = await pictureSum(screen)
  await until('another large picture', async () => ((await pictureSum(screen)) ?? large) !== large)
  await page.keyboard.press('F11')
  await until('small again', async () => !(await isFull()))
  await screen.locator('.show').dblclick()
  await until('full screen', isFull)
  await page.evaluate('document.exitFullscreen()')
  await until('small again', async () => !(await isFull()))
  await board.getByRole('button', { name: 'Stop' }).click()
  // The first one was the control bar's.
  await log.getByText('ACK: stop').nth(1).waitFor()

  // A device.
  const device = new WebSocket(`ws://127.0.0.1:${port}/?id=lamp`)
  onTestFinished(() => device.terminate())
  await new Promise((resolve) => device.once('open', resolve))
  device.send('{"light":41.5,"air":{"humidity":40}}')
  device.send('{"light":42.5}')
  const light = page.getByRole('figure', { name: 'light, last hour' })
  await light.locator('canvas').waitFor()
  await light.getByText('41.5 to 42.5').waitFor()
  device.send('{"light":50}')
  await light.getByText('41.5 to 50').waitFor()
  const drawn = await light.locator('canvas').evaluate(
    // biome-ignore lint/suspicious/noExplicitAny: a canvas of the page
    (canvas: any) =>
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean),
  )
  expect(drawn).toBe(true)
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the numbers of lamp as CSV' }).click(),
  ])
  expect(await readFile(await csv.path(), 'utf8')).toMatch(/,light,41\.5\n/)
  await expectNoFaults(page)

  // The other theme, on a phone, in Chinese. No picture comes any more: the newest one is there.
  clearInterval(film)
  await page.setViewportSize({ width: 390, height: 844 })
  const boards = await page.evaluate('location.hash')
  await page.evaluate('location.hash = "#/add/board"')
  await page.getByRole('radio', { name: 'An ESP32 board' }).waitFor()
  await expectNoFaults(page)
  await page.evaluate(`location.hash = "${boards}"`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.evaluate('localStorage.setItem("rollcall.language", "zh")')
  await page.reload()
  await page.getByRole('heading', { name: '设备' }).waitFor()
  await page.getByRole('figure').first().locator('canvas').waitFor()
  await until('the newest picture', () => pictureSum(screen))
  await expectNoFaults(page)
  // A board that is away says so, and the console holds.
  await second.cut()
  await page.getByText('这块开发板未连接，它会自动恢复连接。').waitFor()
  await log.getByText('已断开', { exact: true }).waitFor()
  await screen.getByText('未连接', { exact: true }).waitFor()
  expect(await screen.getByText('空闲').count()).toBe(0)
  expect(await opacityIn(page)).toBe('0.35')
  await second.connect()
  await until('it is back', async () => (await page.getByText('这块开发板未连接').count()) === 0)
  expect(await opacityIn(page)).toBe('1')

  // One that comes into the take captures, and has sent nothing yet.
  const third = await TestBoard.connect({ port, query: '?id=bench-3' })
  await page.getByRole('link', { name: /bench-3/ }).click()
  await page.getByText('正在采集，第一张图片还没有收到。').waitFor()
  third.picture(pictures[0]!)
  await until('its picture', () => pictureSum(screen))
})
