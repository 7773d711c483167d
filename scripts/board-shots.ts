/** Pictures of the boards' page, with simulated boards and devices that send numbers: a part of `npm run screenshots`. */

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { openView, type Screen, type Stage, type Theme, tell } from './shot-stage.ts'

const BOARDS = [
  { id: 'bench-1', names: { en: 'Workbench', zh: '工作台' } },
  { id: 'bench-2', names: { en: 'Printer', zh: '打印机' } },
  { id: 'bench-3', names: { en: 'Door', zh: '门口' } },
] as const
/** A device that sends JSON, this often, in ms. */
const AIR = 'greenhouse'
const AIR_EVERY_MS = 400
const AIR_FIELDS = 4
/** So long the devices have sent before their picture is taken, in ms: a curve has a shape. */
const CURVES_MS = 75_000

interface BoardShot {
  name: string
  screen?: Screen
  themes: readonly Theme[]
  prepare: (page: Page) => Promise<void>
}

const SHOTS: readonly BoardShot[] = [
  { name: 'boards', screen: 'tall', themes: ['dark', 'light'], prepare: asked },
  { name: 'boards-phone', screen: 'phone', themes: ['dark'], prepare: asked },
  { name: 'devices', themes: ['dark', 'light'], prepare: curves },
  { name: 'devices-phone', screen: 'phone', themes: ['light'], prepare: curves },
]
/** Names of the pictures, without the language and the theme. */
export const BOARD_SHOTS = SHOTS.map(({ name }) => name)

export async function takeBoardPages(options: {
  browser: Browser
  stage: Stage
  isWanted: (name: string) => boolean
}): Promise<void> {
  const { browser, stage, isWanted } = options
  const server = await stage.serve()
  const { port, ask } = server
  const url = `ws://127.0.0.1:${port}`
  const beganMs = performance.now()
  const air = await sendAir(url)
  await stage.simulate(['--kind', 'number', '--cameras', '1', '--interval', '1', '--url', `${url}/?id=dice`])
  const boards = ['--cameras', String(BOARDS.length), '--url', `${url}/esp?id=bench-{n}`]
  await stage.simulate(['--kind', 'esp', '--fps', '10', ...boards])
  // One that says nothing is a board after half a second.
  const known = async () => ((await ask('GET', '/api/cameras')) as { cameras: unknown[] }).cameras.length
  while ((await known()) < BOARDS.length) await pause(100)
  await ask('POST', '/api/commands', { command: 'start', resolution: 'SVGA', quality: 12 })
  const shots = SHOTS.filter(({ name }) => isWanted(name))
  for (const shot of shots)
    for (const language of ['en', 'zh'] as const) {
      for (const { id, names } of BOARDS) await ask('PATCH', `/api/cameras/${id}`, { name: names[language] })
      for (const theme of shot.themes) {
        if (shot.prepare === curves && performance.now() - beganMs < CURVES_MS) {
          tell('waiting for the numbers of a minute …')
          await pause(CURVES_MS - (performance.now() - beganMs))
        }
        const { screen } = shot
        const page = await openView(browser, server, { view: '/boards/bench-1', language, theme, screen })
        await shot.prepare(page)
        await page.mouse.move(0, 0)
        await stage.save(page, `${shot.name}-${language}-${theme}`)
        await page.context().close()
      }
    }
  air()
}

/** The picture is there and the board has answered. */
async function asked(page: Page): Promise<void> {
  await page.locator('.screen:not([data-blank])').waitFor()
  await page.getByRole('button', { name: /^(Status|状态)$/ }).click()
  await page
    .getByRole('log')
    .getByText(/^STATUS/)
    .last()
    .waitFor()
  await page.getByText(/^[1-9]\d* (pictures\/s|帧\/秒)/).waitFor()
}

/** The curves of the device that sends JSON, at the top of the screen. */
async function curves(page: Page): Promise<void> {
  await page.getByRole('button', { name: AIR, exact: true }).click()
  await page
    .locator('.readings canvas')
    .nth(AIR_FIELDS - 1)
    .waitFor()
  await page.evaluate('document.querySelector(".devices").scrollIntoView()')
}

/** Sends how warm, wet and bright it is, until it is ended. */
async function sendAir(url: string): Promise<() => void> {
  const socket = new WebSocket(`${url}/?id=${AIR}`)
  await once(socket, 'open')
  let turn = 0
  const timer = setInterval(() => {
    const wave = (length: number) => Math.sin((turn * 2 * Math.PI) / length)
    const [temperature, humidity] = [21.5 + 1.2 * wave(150) + 0.1 * wave(7), 52 - 6 * wave(150) + wave(11)]
    const light = Math.max(0, 310 + 280 * wave(90))
    const rounded = (value: number) => Math.round(value * 10) / 10
    socket.send(
      JSON.stringify({
        air: { temperature: rounded(temperature), humidity: rounded(humidity) },
        light: Math.round(light),
        pump: turn % 60 < 12 ? 1 : 0,
      }),
    )
    turn += 1
  }, AIR_EVERY_MS)
  return () => {
    clearInterval(timer)
    socket.terminate()
  }
}
