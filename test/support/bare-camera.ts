/**
 * The camera's worker in a real browser, with a page around it that is as bare as can be: a fake camera, and no texts.
 *
 * The profile is a folder, so that what the phone keeps outlives its page: contexts of `newContext` keep it in memory.
 */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, onTestFinished } from 'vitest'
import { CHROMIUM, FLAGS } from './page.ts'
import { until } from './until.ts'

const WORKER = fileURLToPath(new URL('../../src/web/camera/camera-worker.ts', import.meta.url))
const PAGE = fileURLToPath(new URL('bare-camera-page.js', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: what the worker says
type Said = any

export interface BareCameraOptions {
  /** Where the page and the WebSocket go: the server, or a way to it. Each port has a store of its own. */
  port: number
  id: string
  settings?: object
  /** Bytes of packets that may be in memory. */
  memoryBytes?: number
  /** There are no pictures until the page's `draw` makes some. */
  isOff?: boolean
}

/** Tells the page of each frame's timestamp as it comes from the camera, of what is read from the store, of the bitrate. `busy`: the encoder falls behind. */
const LISTENER = `
const { getFile } = FileSystemFileHandle.prototype
FileSystemFileHandle.prototype.getFile = function () {
  postMessage({ type: 'read', name: this.name })
  return getFile.call(this)
}
const { configure } = VideoEncoder.prototype
VideoEncoder.prototype.configure = function (config) {
  postMessage({ type: 'configured', bitrate: config.bitrate })
  return configure.call(this, config)
}
let isBusy = false
addEventListener('message', ({ data }) => {
  if (data.type === 'busy') isBusy = data.isBusy
})
const { get } = Object.getOwnPropertyDescriptor(VideoEncoder.prototype, 'encodeQueueSize')
Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', {
  get() {
    return isBusy ? 9 : get.call(this)
  },
})
const { read } = ReadableStreamDefaultReader.prototype
ReadableStreamDefaultReader.prototype.read = async function () {
  const got = await read.call(this)
  if (got.value) postMessage({ type: 'timestamp', timestamp: got.value.timestamp })
  return got
}
`

let browser: Promise<BrowserContext> | undefined
/** Built once, for all test files of this process. */
let workerCode: Promise<string> | undefined
let profile: string | undefined

export class BareCamera {
  readonly context: BrowserContext
  page: Page
  readonly #options: BareCameraOptions

  private constructor(context: BrowserContext, page: Page, options: BareCameraOptions) {
    this.context = context
    this.page = page
    this.#options = options
  }

  /** A page of its own, with the camera running. */
  static async open(options: BareCameraOptions): Promise<BareCamera> {
    browser ??= launched()
    const context = await browser
    const page = await context.newPage()
    onTestFinished(() => page.close())
    const camera = new BareCamera(context, page, options)
    await camera.load()
    return camera
  }

  /** Opens the page, or opens it anew. */
  async load(page = this.page): Promise<void> {
    const { port, id, settings, memoryBytes, isOff = false } = this.#options
    await page.goto(`http://127.0.0.1:${port}/bare/page`)
    const open = {
      type: 'open',
      url: `ws://127.0.0.1:${port}/camera`,
      id,
      name: 'Anna',
      model: 'Test browser',
      settings: { ratio: null, shortSide: 240, fps: 15, bitrateMbps: 0.5, showsTime: false, ...settings },
      test: true,
      memoryBytes,
    }
    await page.evaluate(`window.begin(${JSON.stringify(open)}, ${isOff})`)
  }

  say(message: object): Promise<void> {
    return this.page.evaluate(`window.say(${JSON.stringify(message)})`)
  }

  /** The latest state; null before the first. */
  state(page = this.page): Promise<Said> {
    return page.evaluate('window.state')
  }

  /** Timestamps of all frames that the camera gave, µs. */
  timestamps(): Promise<number[]> {
    return this.page.evaluate('window.timestamps')
  }

  /** SHA-256 of the payloads of the latest capture, and its id. */
  checksumsOf(): Promise<{ capture: string; sums: string[] }> {
    return this.page.evaluate('window.checksums()')
  }

  /** SHA-256 of the payloads of the latest capture. */
  async checksums(): Promise<string[]> {
    return (await this.checksumsOf()).sums
  }

  /** Stops the pages of the browser, as a phone does that sleeps. @returns Wakes them. */
  async sleep(): Promise<() => void> {
    const devtools = await this.context.browser()!.newBrowserCDPSession()
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
    const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const wake = () => {
      for (const pid of pids.splice(0)) process.kill(pid, 'SIGCONT')
    }
    onTestFinished(wake)
    return wake
  }

  /** What the worker said beside states and checksums. */
  said(): Promise<Said[]> {
    return this.page.evaluate('window.said')
  }
}

/** A camera in a page of any kind. */
export interface PageCamera {
  state(): Promise<Said>
  checksums(): Promise<string[]>
}

/** So many pictures were encoded in the latest capture. */
export async function filmed(camera: PageCamera, count: number): Promise<void> {
  await until(`${count} pictures`, async () => (await camera.checksums()).length >= count)
}

/** Nothing is kept any more, and nothing is filmed. */
export async function allSent(camera: PageCamera): Promise<void> {
  await until('all is acknowledged', async () => {
    const { capture, waitingBytes, leftCaptures } = (await camera.state()) ?? { capture: 'none yet' }
    return capture === null && waitingBytes === 0 && leftCaptures === 0
  })
}

/** Stops, and waits until nothing is kept any more. */
export async function end(camera: BareCamera): Promise<void> {
  await camera.say({ type: 'stop' })
  await allSent(camera)
}

/** Call it once in a file that opens cameras. */
export function endBareCamerasAfterAll(): void {
  afterAll(async () => {
    await (await browser)?.close()
    browser = undefined
    if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  })
}

/** All pages share the browser, and its camera. */
async function launched(): Promise<BrowserContext> {
  profile = await mkdtemp(join(tmpdir(), 'rollcall-camera-'))
  workerCode ??= built()
  const [code, film] = await Promise.all([workerCode, filmIn(profile)])
  const context = await chromium.launchPersistentContext(join(profile, 'chromium'), {
    executablePath: CHROMIUM!,
    args: [
      ...FLAGS,
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  })
  // A page that comes from no address is nobody's neighbour.
  await context.grantPermissions(['local-network-access'])
  const html = { contentType: 'text/html', body: '<script src="/bare/page.js"></script>' }
  await context.route('**/bare/page', (route) => route.fulfill(html))
  const script = (body: string) => ({ contentType: 'text/javascript', body })
  await context.route('**/bare/page.js', (route) => route.fulfill(script(readFileSync(PAGE, 'utf8'))))
  await context.route('**/bare/worker.js', (route) => route.fulfill(script(LISTENER + code)))
  return context
}

/** What the camera films: with so much in it that the encoder needs its bits. */
async function filmIn(folder: string): Promise<string> {
  const file = join(folder, 'film.y4m')
  const source = 'testsrc2=size=640x480:rate=30,noise=alls=12:allf=t'
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '45', file])
  return file
}

/** The worker as one script. */
async function built(): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: WORKER, formats: ['es'], fileName: 'worker' } },
  })
  const [first] = Array.isArray(made) ? made : [made]
  if (!first || !('output' in first)) throw new Error('the worker was not built')
  return first.output[0].code
}
