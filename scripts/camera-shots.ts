/** Pictures of the camera page, held upright and across, ready and while it records: a part of `npm run screenshots`. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const run = promisify(execFile)

type Held = 'upright' | 'across'
const HELD: Record<Held, { screen: { width: number; height: number }; film: string }> = {
  upright: { screen: { width: 390, height: 844 }, film: '720x1280' },
  across: { screen: { width: 844, height: 390 }, film: '1280x720' },
}
const namesOf = (held: string) => ({
  ready: `camera-${held}`,
  settings: `camera-settings-${held}`,
  rec: `camera-rec-${held}`,
})
/** Names of the pictures, without the language. */
export const CAMERA_SHOTS = Object.keys(HELD).flatMap((held) => Object.values(namesOf(held)))
const FILM_SECONDS = '4'
const WORDS = {
  en: { locale: 'en-US', ready: 'Ready', settings: 'Settings', name: 'Stage left' },
  zh: { locale: 'zh-CN', ready: '就绪', settings: '设置', name: '舞台左' },
} as const

export interface CameraShotOptions {
  origin: string
  /** Calls the API. */
  ask: (method: string, path: string, body?: unknown) => Promise<unknown>
  save: (page: Page, name: string) => Promise<void>
  /** For films. */
  folder: string
  executablePath: string
  flags: readonly string[]
  isWanted: (name: string) => boolean
}

export async function takeCameraPages(options: CameraShotOptions): Promise<void> {
  const { origin, ask, save, folder, executablePath, flags, isWanted } = options
  for (const [held, { screen, film }] of Object.entries(HELD)) {
    const names = namesOf(held)
    if (!Object.values(names).some(isWanted)) continue
    const path = await cameraFilm(join(folder, `${held}.mjpeg`), film)
    const camera = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path}`]
    const browser = await chromium.launch({ executablePath, args: [...flags, ...camera] })
    for (const language of ['en', 'zh'] as const) {
      const words = WORDS[language]
      const look: BrowserContextOptions = {
        viewport: screen,
        isMobile: true,
        hasTouch: true,
        deviceScaleFactor: 2,
      }
      const context = await browser.newContext({
        ...look,
        locale: words.locale,
        reducedMotion: 'reduce',
        permissions: ['camera', 'screen-wake-lock'],
        // Pictures are saved with words of the page left as they are.
        bypassCSP: true,
      })
      // The fake camera is called as its file: as Android calls one instead.
      await context.addInitScript(`
        localStorage.setItem('rollcall.camera-name', '${words.name}')
        Object.defineProperty(MediaDeviceInfo.prototype, 'label', { get: () => 'camera2 0, facing back' })`)
      const page = await context.newPage()
      await page.goto(`${origin}/camera`)
      await page.locator('.picture[data-there]').waitFor()
      await page.getByText(words.ready, { exact: true }).waitFor()
      if (isWanted(names.ready)) await save(page, `${names.ready}-${language}`)
      await page.getByRole('button', { name: words.settings }).click()
      await page.locator('dialog[open] .given').waitFor()
      if (isWanted(names.settings)) await save(page, `${names.settings}-${language}`)
      await page.keyboard.press('Escape')
      await ask('POST', '/api/commands', { command: 'start', fps: 30 })
      await page.getByText('0:05', { exact: true }).waitFor()
      if (isWanted(names.rec)) await save(page, `${names.rec}-${language}`)
      await ask('POST', '/api/commands', { command: 'stop' })
      await context.close()
    }
    await browser.close()
  }
}

/** What the fake camera films: light that moves slowly. */
async function cameraFilm(path: string, size: string): Promise<string> {
  const light = 'n=4:c0=0x0d1b2a:c1=0x27548a:c2=0xdda853:c3=0x183b4e:speed=0.012:seed=7:type=radial'
  const source = `gradients=size=${size}:rate=30:${light}`
  const made = ['-f', 'lavfi', '-i', source, '-t', FILM_SECONDS, '-q:v', '4', '-pix_fmt', 'yuvj420p', path]
  await run('ffmpeg', ['-v', 'error', '-y', ...made])
  return path
}
