/** What pictures of pages need: servers and simulators in a folder of their own, pages that are signed in, and files. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const run = promisify(execFile)
const BIN = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))
const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url))
/** Of WebP, 0 to 100. */
const QUALITY = '82'
/** A process that has not said by then what is waited for never will. */
const SAYS_MS = 60_000

/** So long a picture waits for a server that is busy. */
const CALM_MS = 60_000

export type Language = 'en' | 'zh'
export type Theme = 'dark' | 'light'
export type Screen = 'laptop' | 'tall' | 'phone'

const SCREENS: Record<Screen, BrowserContextOptions> = {
  laptop: { viewport: { width: 1366, height: 768 } },
  tall: { viewport: { width: 1366, height: 1000 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
}

export interface ShotServer {
  origin: string
  port: number
  accessToken: string
  /** Calls the API. */
  ask: (method: string, path: string, body?: unknown) => Promise<unknown>
}

export interface Stage {
  /** Is gone at the end. */
  folder: string
  /** A server with data of its own. */
  serve: () => Promise<ShotServer>
  /** `rollcall simulate`; resolves once its devices are connected. */
  simulate: (args: readonly string[]) => Promise<void>
  /** Waits until the page is calm, and keeps its picture in docs/images. */
  save: (page: Page, name: string) => Promise<void>
  /** Ends all processes. */
  close: () => Promise<void>
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-screenshots-'))
  await mkdir(IMAGES, { recursive: true })
  const children: ChildProcess[] = []
  const begin = (args: readonly string[]) => {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['pipe', 'pipe', 'inherit'], cwd: folder })
    children.push(child)
    return child
  }
  return {
    folder,
    serve: async () => {
      const data = join(folder, `recordings-${children.length}`)
      const server = begin(['serve', '--port', '0', '--https-port', '0', '--no-mdns', '--data', data])
      const port = Number((await says(server, /ws:\/\/[^:]+:(\d+)\//))[1])
      const { accessToken } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
      const origin = `http://127.0.0.1:${port}`
      const ask: ShotServer['ask'] = async (method, path, body) => {
        const answer = await fetch(origin + path, {
          method,
          headers: {
            authorization: `Bearer ${accessToken}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
        return answer.status === 204 ? undefined : answer.json()
      }
      return { origin, port, accessToken, ask }
    },
    simulate: async (args) => {
      await says(begin(['simulate', ...args]), /(phones|boards) connected: \d/)
    },
    save: async (page, name) => {
      const png = join(folder, `${name}.png`)
      // A view that was just opened has the focus: for keyboards.
      await page.evaluate('document.activeElement?.blur()')
      // This machine may be busy for a moment: no picture is to speak of it.
      const busy = page.locator('.header .pill:is(.amber, .red)')
      await busy
        .waitFor({ state: 'detached', timeout: CALM_MS })
        .catch(() => tell(`${name}: the server was busy all the time`))
      await page.screenshot({ path: png })
      await run('ffmpeg', ['-v', 'error', '-y', '-i', png, '-quality', QUALITY, join(IMAGES, `${name}.webp`)])
      tell(name)
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Who waits sees how far it is. */
export function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A page of the server, in a profile of its own; its context is closed by who asked. */
export async function openView(
  browser: Browser,
  { origin, accessToken }: ShotServer,
  look: { view: string; language: Language; theme: Theme; screen?: Screen | undefined },
): Promise<Page> {
  const context = await browser.newContext({
    ...SCREENS[look.screen ?? 'laptop'],
    locale: look.language === 'zh' ? 'zh-CN' : 'en-US',
    colorScheme: look.theme,
    reducedMotion: 'reduce',
    // What is waited for is said in words of the page.
    bypassCSP: true,
  })
  const page = await context.newPage()
  await page.goto(`${origin}/login#${accessToken}`)
  await page.locator('.header').waitFor()
  await page.goto(`${origin}/#${look.view}`)
  return page
}

/** What a process prints, once it matches. */
function says(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (why: string) => () =>
      reject(new Error(`${child.spawnargs.slice(2).join(' ')}: ${why}: ${said}`))
    const timer = setTimeout(fail('it never said what was waited for'), SAYS_MS)
    child.once('close', fail('it ended'))
    // Heard to its end: a full pipe would hold the process.
    child.stdout!.on('data', (chunk) => {
      if (said.length < 100_000) said += chunk
      const match = pattern.exec(said)
      if (!match) return
      clearTimeout(timer)
      resolve(match)
    })
  })
}
