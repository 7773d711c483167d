/**
 * Takes pictures of every view, in both languages and themes, into docs/images: `npm run screenshots`.
 *
 * Phones are those of `rollcall simulate`, with films that ffmpeg makes. Needs Chromium.
 */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { BOARD_SHOTS, takeBoardPages } from './board-shots.ts'
import { CAMERA_SHOTS, takeCameraPages } from './camera-shots.ts'
import {
  type Language,
  openStage,
  openView,
  type Screen,
  type ShotServer,
  type Theme,
  tell,
} from './shot-stage.ts'

const run = promisify(execFile)
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']

interface Shot {
  name: string
  /** The part of the address behind #. */
  view: string
  screen?: Screen
  languages?: readonly Language[]
  themes?: readonly Theme[]
  /** Brings the page where the picture is taken. */
  prepare: (page: Page) => Promise<void>
}

/** Taken in this order, while the cameras record. An argument, a regular expression, keeps those whose name it fits. */
const ALL: readonly Shot[] = [
  { name: 'live', view: '/live', prepare: calledAnew },
  { name: 'live-phone', view: '/live', screen: 'phone', themes: ['dark'], prepare: drawn },
  {
    name: 'live-big',
    view: '/live',
    languages: ['en'],
    themes: ['dark'],
    prepare: async (page) => {
      await drawn(page)
      await page.locator('.show').first().click()
      await page.locator('.tile[data-big]').waitFor()
      await drawn(page)
    },
  },
  { name: 'library', view: '/library', prepare: listed },
  { name: 'library-phone', view: '/library', screen: 'phone', themes: ['dark'], prepare: listed },
  { name: 'recording', view: '/library', screen: 'tall', prepare: opened },
  { name: 'recording-phone', view: '/library', screen: 'phone', themes: ['light'], prepare: opened },
  { name: 'take', view: '/library', prepare: takeOpened },
  { name: 'add', view: '/add', prepare: (page) => page.locator('.qr').waitFor() },
  { name: 'settings', view: '/settings', prepare: (page) => page.locator('.log li').first().waitFor() },
  { name: 'login', view: '/live', prepare: signedOut },
  {
    name: 'login-phone',
    view: '/live',
    screen: 'phone',
    languages: ['en'],
    themes: ['dark'],
    prepare: signedOut,
  },
]
const isWanted = (name: string) => new RegExp(process.argv[2] ?? '').test(name)
const SHOTS = ALL.filter(({ name }) => isWanted(name))

const CAMERAS = [
  {
    names: { en: 'Stage left', zh: '舞台左' },
    colour: 'blue',
    colours: ['0x0d1b2a', '0x27548a', '0xdda853', '0x183b4e'],
  },
  {
    names: { en: 'Overhead', zh: '俯拍' },
    colour: 'teal',
    colours: ['0x0b2b26', '0x235347', '0x8eb69b', '0x051f20'],
  },
  {
    names: { en: 'Close-up', zh: '特写' },
    colour: 'orange',
    colours: ['0x2b0f0e', '0x7a3b1d', '0xe9a15b', '0x3f1d38'],
  },
  {
    names: { en: 'Wide', zh: '全景' },
    colour: 'purple',
    colours: ['0x150f2e', '0x43328c', '0xb79ced', '0x0f1a33'],
  },
] as const

/** What cameras send over and over: longer than a take. */
const FILM_SECONDS = '20'
/** Of the pictures that each camera sends, so that the library has something to tell. */
const LOSS = ['0', '0', '3%', '0']
/** Takes that the library has beside the one that runs, and how long each lasts, in ms. */
const TAKES = 2
const TAKE_MS = 9000

const stage = await openStage()
try {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  const ofCamera = CAMERA_SHOTS.some(isWanted)
  if (SHOTS.length > 0 || ofCamera) {
    const server = await stage.serve()
    const { origin, ask } = server
    if (SHOTS.length > 0) {
      await takeViews(browser, server)
      await ask('POST', '/api/commands', { command: 'stop' })
    }
    const { folder, save } = stage
    if (ofCamera)
      await takeCameraPages({ origin, ask, save, folder, executablePath: CHROMIUM, flags: FLAGS, isWanted })
  }
  if (BOARD_SHOTS.some(isWanted)) await takeBoardPages({ browser, stage, isWanted })
  await browser.close()
} finally {
  await stage.close()
}

async function takeViews(browser: Browser, server: ShotServer): Promise<void> {
  const { port, ask } = server
  tell('making what the cameras film …')
  const films = await Promise.all(CAMERAS.map(({ colours }, i) => film(i, colours)))
  for (const [i, source] of films.entries()) {
    const url = ['--url', `ws://127.0.0.1:${port}/android-cam`]
    await stage.simulate([...url, '--cameras', '1', '--source', source, '--loss', LOSS[i] ?? '0'])
  }
  const { cameras } = (await ask('GET', '/api/cameras')) as { cameras: { id: string }[] }
  for (const language of ['en', 'zh'] as const) {
    for (const [i, { id }] of cameras.entries()) {
      const { names, colour } = CAMERAS[i]!
      await ask('PATCH', `/api/cameras/${id}`, { name: names[language], colour, order: i })
    }
    tell('recording takes …')
    await recordAnew(ask)
    for (const theme of ['dark', 'light'] as const)
      for (const shot of SHOTS) {
        const { languages = [language], themes = [theme], screen, view } = shot
        if (!languages.includes(language) || !themes.includes(theme)) continue
        const page = await openView(browser, server, { view, language, theme, screen })
        await shot.prepare(page)
        await stage.save(page, `${shot.name}-${language}-${theme}`)
        await page.context().close()
      }
  }
}

/** Empties the library, records a few takes, and leaves another running: each language has names of its own. */
async function recordAnew(ask: ShotServer['ask']): Promise<void> {
  await ask('POST', '/api/commands', { command: 'stop' })
  const listed = async (query = '') => {
    const page = (await ask('GET', `/api/recordings${query}`)) as { recordings: { id: string }[] }
    return page.recordings
  }
  while ((await listed('?state=recording')).length > 0) await pause(200)
  for (const { id } of await listed()) await ask('DELETE', `/api/recordings/${id}`)
  for (let i = 0; i < TAKES; i += 1) {
    await ask('POST', '/api/commands', { command: 'start', fps: 30 })
    await pause(TAKE_MS)
    await ask('POST', '/api/commands', { command: 'stop' })
  }
  await ask('POST', '/api/commands', { command: 'start', fps: 30 })
}

/** Every first picture of the list is there. */
async function listed(page: Page): Promise<void> {
  await page
    .locator('article.card')
    .nth(TAKES * CAMERAS.length)
    .waitFor()
  await page.waitForFunction(
    '[...document.images].every((one) => one.naturalWidth > 0 || one.getBoundingClientRect().top > innerHeight)',
  )
  await page.evaluate(
    'Promise.all([...document.images].map((one) => one.naturalWidth > 0 && one.decode().catch(() => {})))',
  )
}

/** The recording in which pictures are missing, at a moment within it. */
async function opened(page: Page): Promise<void> {
  await listed(page)
  const lossy = page.locator('article.card:has(.badge.red):not(:has(.running)) > a')
  await lossy.first().click()
  await page.locator('.plot .mark').first().waitFor()
  await page.locator('.plot .mark').last().click()
  await seeked(page)
  await page.evaluate('document.querySelector(".library-detail").scrollTo(0, 0)')
}

async function takeOpened(page: Page): Promise<void> {
  await listed(page)
  await page.locator('.group:not(:has(.running)) > header a').first().click()
  await page
    .locator('.films video')
    .nth(CAMERAS.length - 1)
    .waitFor()
  await page.locator('.transport input').fill('5000')
  await seeked(page)
}

/** The page that asks for a token. */
async function signedOut(page: Page): Promise<void> {
  await page.context().clearCookies()
  await page.goto(new URL('/login', page.url()).href)
  await page.locator('#token').waitFor()
}

/** Every film shows the picture of its moment. */
async function seeked(page: Page): Promise<void> {
  await page.waitForFunction(
    '[...document.querySelectorAll(".detail video")].every((film) => film.readyState > 2 && !film.seeking && film.currentTime > 0)',
  )
}

/** Stops what runs and starts anew: the roll call is there. */
async function calledAnew(page: Page): Promise<void> {
  await drawn(page)
  const record = page.locator('.record')
  await record.click()
  await page.locator('.record-group:not([data-recording])').waitFor()
  await page.locator('.roll-call [aria-label]').click()
  await record.click()
  await drawn(page)
  await page
    .locator('.called:not([data-result="waiting"])')
    .nth(CAMERAS.length - 1)
    .waitFor()
}

/** Every tile has shown pictures for a second: its figures are there. */
async function drawn(page: Page): Promise<void> {
  for (const tile of await page.locator('.tile').all()) await tile.getByText(/^\d+ ms/).waitFor()
}

/** Light that moves slowly, with a clock: H.264. */
async function film(index: number, colours: readonly string[]): Promise<string> {
  const path = join(stage.folder, `${index}.h264`)
  const light = colours.map((colour, i) => `c${i}=${colour}`).join(':')
  const kind = ['radial', 'linear', 'spiral', 'radial'][index]
  // Light has no edges: a small picture, made large, is the same and costs a tenth.
  const gradients = `gradients=size=320x180:rate=30:n=4:${light}:speed=0.012:seed=${index + 7}:type=${kind},scale=960:540:flags=bicubic`
  const clock = `drawtext=text='%{pts\\:hms}':x=w-tw-24:y=h-th-20:fontsize=30:fontcolor=white@0.85`
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', '3M', '-g', '30']
  await run('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    `${gradients},${clock}`,
    '-t',
    FILM_SECONDS,
    ...codec,
    '-f',
    'h264',
    path,
  ])
  return path
}
