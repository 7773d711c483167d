/** The control room when something is wrong: it says so, and goes on. */

import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startApi } from '../support/api.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { temporaryFolder } from '../support/folders.ts'
import { KeepingPhone } from '../support/keeping-phone.ts'
import { endBrowserAfterAll, hasChromium, openPage, pictureSum } from '../support/page.ts'
import { TestPhone } from '../support/phone.ts'
import { simulatePhones } from '../support/phones.ts'
import { ServerProcess } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the control room in trouble: there is no Chromium.')
endBrowserAfterAll()

it.skipIf(!hasChromium)('says that the server is away, and finds it again by itself', async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
  const { port } = server
  const { accessToken } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  const page = await openPage(`http://127.0.0.1:${port}/login#${accessToken}`)
  await page.getByText('No camera is connected').waitFor()
  const record = async () => {
    await page.getByRole('button', { name: 'Start recording 2 cameras' }).click()
    for (const tile of await page.getByRole('article').all()) await until('a picture', () => pictureSum(tile))
  }
  await simulatePhones(port, 2)
  await record()
  await until('1 s of it', async () => (await page.getByRole('timer').textContent()) !== '0:00')
  await server.end('SIGKILL')
  await page.getByRole('alert').getByText('Reconnecting…').waitFor()
  const args = ['--data', data, '--no-thumbnails', '--port', String(port)]
  const again = await ServerProcess.start(args)
  await page.getByText('The server was restarted. Connected again.').waitFor()
  await until('the banner goes', async () => (await page.getByText('Reconnecting…').count()) === 0)
  await page.getByText('No camera is connected').waitFor()
  await simulatePhones(port, 2)
  await page.getByText('All 2 cameras').waitFor()
  await record()
  // What it recorded before is there as far as it had come.
  await page.getByRole('link', { name: 'Library' }).click()
  const recovered = page.locator('article.card').filter({ hasText: 'Recovered' })
  await until('both are there', async () => (await recovered.count()) === 2)
  await recovered.first().getByRole('link').click()
  await until('a picture of it', () => pictureSum(page.locator('.detail')))
  // "Add a camera" asks a server anew that was started with other options.
  await page.goto(`http://127.0.0.1:${port}/#/add`)
  await page.locator('code[data-address$="/android-cam"]').waitFor()
  await again.end('SIGKILL')
  await page.getByRole('alert').getByText('Reconnecting…').waitFor()
  await ServerProcess.start([...args, '--camera-access', 'key'])
  await page.locator('code[data-address*="?key="]').waitFor()
})

it.skipIf(!hasChromium)('says why it shows nothing when too many listen, and tries again', async () => {
  const { server, port } = await startServer()
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  await page.getByText('No camera is connected').waitFor()
  const abort = new AbortController()
  const headers = { authorization: `Bearer ${server.accessToken}` }
  const listen = () => fetch(`http://127.0.0.1:${port}/api/events`, { headers, signal: abort.signal })
  // The hundredth is the page, which loses its place when it is loaded anew.
  await Promise.all(Array.from({ length: 99 }, listen))
  await page.goto('about:blank')
  await until('the place is taken', async () => (await listen()).status === 200)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.getByRole('alert').getByText('100 listen already; close a page. Trying again…').waitFor()
  abort.abort()
  await page.getByText('No camera is connected').waitFor()
})

it.skipIf(!hasChromium)('notices a way that is cut, of which nobody is told', async () => {
  const { server, port } = await startServer()
  const way = await cutProxy(port)
  const page = await openPage(`http://127.0.0.1:${way.port}/login#${server.accessToken}`)
  await page.getByText('No camera is connected').waitFor()
  way.cut()
  await page.getByRole('alert').getByText('Reconnecting…').waitFor()
})

it.skipIf(!hasChromium)('goes on with the pictures when the network was away', async () => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  await simulatePhones(port, 1)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  const tile = page.getByRole('article')
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until('a picture', () => pictureSum(tile))
  await page.context().setOffline(true)
  await page.getByRole('alert').getByText('Reconnecting…').waitFor()
  await page.context().setOffline(false)
  await page.getByText('Connected again.').waitFor()
  const stale = await pictureSum(tile)
  await until('another picture', async () => ((await pictureSum(tile)) ?? stale) !== stale)
})

it.skipIf(!hasChromium)(
  'tells that a take lost its cameras, goes on with them, and shows what each has of it',
  async () => {
    const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    const phones = await simulatePhones(port, 3)
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await page.getByText('All 3 cameras').waitFor()
    await page.getByRole('button', { name: 'Start recording 3 cameras' }).click()
    await page.getByText('3 of 3 recording').waitFor()
    await until('2 s of it', async () =>
      /0:(0[2-9]|[1-5]\d)/.test((await page.getByRole('timer').textContent()) ?? ''),
    )
    await phones.end()
    await page.getByText('The take runs, but no camera is connected.').waitFor()
    expect(await page.locator('.record-text .line').textContent()).toBe('The take runs')
    await simulatePhones(port, 3)
    await page.getByText('3 of 3 recording').waitFor()
    expect(await page.getByText('no camera is connected').count()).toBe(0)
    await until('some of it', async () =>
      /0:(0[2-9]|[1-5]\d)/.test((await page.locator('.rec').first().textContent()) ?? ''),
    )
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByRole('link', { name: 'Watch the take' }).click()
    await page.locator('.detail-head').getByText('3 cameras').waitFor()
    const outside = page.locator('.films .outside')
    const texts = () => outside.allTextContents()
    await until(
      'three come later',
      async () => (await texts()).join() === Array(3).fill('Not recording yet').join(),
    )
    await page.getByRole('slider', { name: 'Position in the take' }).press('End')
    await until(
      'three are over',
      async () => (await texts()).join() === Array(3).fill('Recording has ended').join(),
    )
  },
)

it.skipIf(!hasChromium)(
  'stays at the login page with a wrong token, and goes there when signed out',
  async () => {
    const { server, port } = await startServer()
    const page = await openPage(`http://127.0.0.1:${port}/login#wrong`)
    await page.getByText('The token is wrong.').waitFor()
    await page.getByLabel('Access token').fill(server.accessToken)
    await page.keyboard.press('Enter')
    await page.getByText('No camera is connected').waitFor()
    await page.getByRole('button', { name: 'Language, theme, sign out' }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByLabel('Access token').waitFor()
  },
)

it.skipIf(!hasChromium)('lets a viewer with the watch token look, until the tokens are renewed', async () => {
  const { port, watchToken, ask } = await startApi()
  await TestPhone.connect(port)
  const page = await openPage(`http://127.0.0.1:${port}/login#${watchToken}`)
  await page.getByRole('article').getByText('Ready').waitFor()
  const record = page.getByRole('button', { name: 'Start recording' })
  await until('what this token may do', () => record.isDisabled())
  expect(await page.getByRole('checkbox').count()).toBe(0)
  await page.locator('main').focus()
  await page.keyboard.press('Space')
  expect((await ask('GET /api/cameras')).body.cameras[0].state).toBe('ready')
  expect((await ask('POST /api/tokens/rotate', {})).status).toBe(200)
  await page.getByLabel('Access token').waitFor()
})

it.skipIf(!hasChromium)('shows pictures on when its own tokens were renewed', async () => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  await simulatePhones(port, 1)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  await page.getByText('All 1 cameras').or(page.getByText('1 camera')).first().waitFor()
  server.room.start({ bitrateMbps: 1, fps: 15 })
  const tile = page.getByRole('article')
  await until('a picture', () => pictureSum(tile))
  const renewed = await page.evaluate<number>(
    `fetch('/api/tokens/rotate', { method: 'POST' }).then(({ status }) => status)`,
  )
  expect(renewed).toBe(200)
  const stale = await pictureSum(tile)
  await until('another picture', async () => ((await pictureSum(tile)) ?? stale) !== stale)
  await until('many more', async () => {
    const before = await pictureSum(tile)
    return until('the next', async () => (await pictureSum(tile)) !== before)
  })
})

it.skipIf(!hasChromium)(
  'stops at once, also while a start waits for a camera that says nothing',
  async () => {
    const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0, confirmMs: 20_000 })
    const phone = await TestPhone.connect(port)
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await page.getByRole('radio', { name: '4:3' }).check()
    await page.getByRole('combobox', { name: 'Pictures/s' }).selectOption('25')
    await page.getByRole('spinbutton', { name: 'Mbit/s' }).fill('9')
    await page.getByRole('spinbutton', { name: 'Mbit/s' }).fill('0')
    await page.getByText('1 to 200').waitFor()
    // This browser keeps what is allowed.
    await page.reload()
    await page.getByRole('button', { name: /^Start recording/ }).click()
    const aspectRatio = { width: 4, height: 3 }
    const { payload } = await phone.command('start_capture')
    expect(payload).toEqual({ format: 'h264', bitrate: 9, fps: 25, aspectRatio })
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await phone.command('stop_capture')
    await until('the take is over', () => server.room.takeId() === undefined)
  },
)

it.skipIf(!hasChromium)(
  'names who refused, with the words of the camera, and who did not answer',
  async () => {
    const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0, confirmMs: 1500 })
    await simulatePhones(port, 1)
    const refusing = await TestPhone.connect(port)
    await TestPhone.connect(port)
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await page.getByRole('button', { name: 'Start recording 3 cameras' }).click()
    await refusing.command('start_capture')
    refusing.status('error', 'the camera is in use by another app')
    await page.getByText('refused: the camera is in use by another app').waitFor()
    await page.getByText('no answer').waitFor()
    await page.getByText('1 of 3 confirmed').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await until('the roll call goes', async () => (await page.getByText('no answer').count()) === 0)
    await page.getByText('2 cameras are not in this take.').waitFor()
  },
)

it.skipIf(!hasChromium)('shows a camera whose pictures stop, and one that went', async () => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  const phone = await TestPhone.connect(port)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  const tile = page.getByRole('article')
  await tile.getByText('Ready').waitFor()
  await page.locator('main').focus()
  await page.keyboard.press('Space')
  await phone.command('start_capture')
  phone.status('capture_started')
  await tile.getByText(/No pictures for \d+ s/).waitFor()
  expect(await tile.getAttribute('data-level')).toBe('bad')
  await phone.close()
  await tile.getByText('Disconnected').waitFor()
  // A camera page has a name of its own, and shows what device it is.
  const keeping = await KeepingPhone.make('cam-anna')
  await keeping.connect(port)
  await page.getByRole('article', { name: 'Anna' }).getByText('Test phone').waitFor()
})

it.skipIf(!hasChromium)(
  'goes down to key pictures where the machine cannot follow, and says so',
  async () => {
    const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    await simulatePhones(port, 2)
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await until('the worker', () => page.workers().length === 1)
    // A machine that takes 50 ms to decode a picture carries one camera of 15 pictures a second, and not two.
    await page.workers()[0]!.evaluate(`{
      const { decode } = VideoDecoder.prototype
      let turn = Promise.resolve()
      VideoDecoder.prototype.decode = function (chunk) {
        const pause = () => this.state === 'configured' && new Promise((go) => setTimeout(go, 50))
        turn = turn.then(pause).then(() => this.state === 'configured' && decode.call(this, chunk))
      }
    }`)
    await page.getByText('All 2 cameras').waitFor()
    server.room.start({ bitrateMbps: 1, fps: 15 })
    const tiles = page.getByRole('article')
    await until('the last one is spared', () => tiles.last().getByText('Slowed down').isVisible())
    expect(await tiles.first().getByText('Slowed down').count()).toBe(0)
    // It still moves, a step at each key picture.
    const stale = await pictureSum(tiles.last())
    await until('another picture', async () => (await pictureSum(tiles.last())) !== stale)
  },
)

it.skipIf(!hasChromium)('says before a start that the disk has too little space', async () => {
  const { server, port } = await startServer({ thumbnails: false, minFreeBytes: 2 ** 49 })
  await TestPhone.connect(port)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`, { language: 'zh-CN' })
  await page.getByRole('alert').getByText('磁盘空间不足，无法开始').waitFor()
  await page.getByRole('button', { name: '开始录制' }).click()
  await page.route('**/api/recordings?*', (route) => route.abort())
  await page.getByRole('link', { name: '打开素材库' }).click()
  await until('the library', async () => page.url().endsWith('#/library'))
  // What cannot be had is said, and tried again.
  const failed = page.locator('main').getByRole('alert').getByText('操作未成功')
  await failed.waitFor()
  await page.unroute('**/api/recordings?*')
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByText('还没有录像').waitFor()
  await page.route('**/api/settings', (route) => route.abort())
  await page.reload()
  await page.getByRole('banner').getByRole('link', { name: '磁盘空间不多' }).click()
  await failed.waitFor()
  await page.unroute('**/api/settings')
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByText('服务器有故障').waitFor()
  await page.getByText('磁盘空间不足，无法开始录制。').waitFor()
})

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address
if (!elsewhere) console.warn('A test is left out, of plain http: this machine has no address but its own.')

it.skipIf(!hasChromium || !elsewhere)('points to the secure address where pictures need one', async () => {
  const { server, port } = await startServer({ host: '0.0.0.0', https: true, httpsPort: 0 })
  const page = await openPage(`http://${elsewhere}:${port}/login#${server.accessToken}`)
  await page.getByText('Live pictures need a secure address.').waitFor()
  const link = page.getByRole('link', { name: 'Open the https address' })
  // Nobody has asked for the token yet; pressed, the link takes it along, as cookies of one port do not count at the other.
  expect(await link.getAttribute('href')).toBe(`https://${elsewhere}:${server.httpsPort}/`)
  await page.route(`https://${elsewhere}:${server.httpsPort}/**`, (route) => route.fulfill({ body: 'there' }))
  await link.click()
  await page.waitForURL(`https://${elsewhere}:${server.httpsPort}/login#${server.accessToken}`)
})
