/** Our pages in a real browser, Chromium, driven by playwright. */

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, onTestFinished } from 'vitest'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)
export const hasChromium = CHROMIUM !== undefined

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream=fps=30,device-count=2',
]

export interface PageOptions {
  language?: 'en-US' | 'zh-CN'
  theme?: 'dark' | 'light'
  width?: number
  height?: number
  /** Whether pages may use the camera; there are two, made by the browser. */
  camera?: 'granted' | 'denied'
  /** Goes on past the browser's warning of a certificate. */
  isPastWarning?: boolean
  /** Runs in the page before anything of ours. */
  before?: () => void
}

/** What each page and its workers asked, sockets too. */
const origins = new WeakMap<Page, Set<string>>()

/** The origins that a page asked, such as `ws://127.0.0.1:50001`, in the order of the alphabet. */
export function originsAsked(page: Page): string[] {
  return [...origins.get(page)!].sort()
}

/** The browser of this test file: begun once, ended with it. */
let browser: Promise<Browser> | undefined

/** Opens an address in a profile of its own; an error in the page fails the test. */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const {
    language = 'en-US',
    theme = 'dark',
    width = 1280,
    height = 720,
    camera = 'granted',
    isPastWarning = false,
    before,
  } = options
  browser ??= chromium.launch({ executablePath: CHROMIUM!, args: FLAGS })
  const context = await (await browser).newContext({
    locale: language,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: isPastWarning,
    permissions: camera === 'granted' ? ['camera', 'screen-wake-lock'] : [],
  })
  const errors: Error[] = []
  onTestFinished(async () => {
    await context.close()
    if (errors[0]) throw errors[0]
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error))
  const asked = new Set<string>()
  origins.set(page, asked)
  for (const kind of ['request', 'websocket'] as const)
    page.on(kind as 'request', (one: { url(): string }) => asked.add(new URL(one.url()).origin))
  if (before) await page.addInitScript(before)
  await page.goto(url)
  return page
}

/** Call it once in a file that opens pages. */
export function endBrowserAfterAll(): void {
  afterAll(async () => {
    await (await browser)?.close()
    browser = undefined
  })
}

/** A sum over the picture that a tile shows now; undefined while it shows none. Changes when the picture does. */
export function pictureSum(tile: Locator): Promise<number | undefined> {
  // Runs in the page: the types of the browser are not those of this process.
  // biome-ignore lint/suspicious/noExplicitAny: a video or a canvas
  return tile.locator('video, .screen > canvas').evaluate((shown: any) => {
    const canvas = shown.ownerDocument.createElement('canvas')
    const context = canvas.getContext('2d')
    if ((shown.videoWidth ?? shown.width) < 2) return undefined
    context.drawImage(shown, 0, 0, canvas.width, canvas.height)
    const data: Uint8ClampedArray = context.getImageData(0, 0, canvas.width, canvas.height).data
    let sum = 0
    for (const value of data) sum = (sum * 31 + value) % 1_000_000_007
    // Black alone is no picture.
    return data.some((value, i) => i % 4 !== 3 && value > 16) ? sum : undefined
  })
}
