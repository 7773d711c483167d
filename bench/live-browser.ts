/**
 * From a camera to the screen: every picture has its number painted in, the page in a real browser is read back, and the
 * recording tells when the picture of that number was taken.
 */

import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child, withFolder } from './children.ts'
import { DevTools } from './devtools.ts'
import { availableMemoryBytes, cpuTime, totalCpu } from './machine.ts'
import { type Context, median, type PartResult } from './report.ts'
import { type Closed, closedRecordings, startRollcall } from './rollcall.ts'
import { FPS } from './stream.ts'

const BIN = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
/** As the project's tests run it, so that it works for root and without a graphics card. */
const FLAGS = [
  ...['--headless', '--window-size=1366,768', '--remote-debugging-port=0'],
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]
const CAMERAS = 9
/** Issue 4: over ten minutes. */
const SECONDS = 600
const QUICK_SECONDS = 20
/** The page has opened its decoders. */
const SETTLE_SECONDS = 5
/** Issue 4, in ms: from capture to the picture on the screen. */
const MEDIAN_MS = 100
const P99_MS = 250
/** The number of a picture: so many squares of so many pixels, the least significant bit first. */
const BITS = 10
const SQUARE = 64
/** How long the page may take to show its tiles, and how often it is asked, in ms. */
const OPEN_TIMEOUT_MS = 30_000
const LOOK_MS = 500
/** A tile is read this often, in ms. */
const READ_MS = 1000
/** Seconds after which tiles that show nothing are not waited for, and one for the page. */
const READ_SLACK_SECONDS = 6
const CLOSE_TIMEOUT_MS = 30_000

/** A picture that the page showed: of which camera, which, when by the wall clock. */
interface Shown {
  camera: string
  code: number
  /** When the browser gave it to be composed. */
  composedMs: number
  /** When the page was told and read it. */
  atMs: number
}

interface Read {
  shown: Shown[]
  /** The camera of each tile, and how many pictures it presented a second. */
  tiles: string[]
  presented: number[]
}

/** A picture's way, in ms. */
interface Delay {
  camera: string
  atMs: number
  delayMs: number
  /** Of that: from capture to having been received by the server, and from the browser's composing to the page. */
  toServerMs: number
  toPageMs: number
}

export async function liveBrowser(context: Context): Promise<PartResult> {
  if (!CHROMIUM) return { figures: [], rounds: [], notes: ['no browser part: there is no Chromium'] }
  const { quick, temp, say } = context
  const seconds = quick ? QUICK_SECONDS : SECONDS
  return withFolder(temp, async (folder) => {
    const source = await makeCodedStream(folder)
    const data = join(folder, 'data')
    await mkdir(data)
    const { child, port } = await startRollcall(data, { probe: false, nodeFlags: context.nodeFlags })
    const url = `ws://127.0.0.1:${port}/android-cam`
    const phones = new Child(
      process.execPath,
      [BIN, 'simulate', '--url', url, '--cameras', String(CAMERAS), '--source', source],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const secrets = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    const room = `http://127.0.0.1:${port}/login#${secrets.accessToken}`
    const browser = new Child(CHROMIUM!, [...FLAGS, `--user-data-dir=${join(folder, 'browser')}`, room], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    try {
      const page = await DevTools.of(browser)
      await untilTiles(page)
      const before = totalCpu(cpuTime(child.pid))
      await command(port, secrets.accessToken, { command: 'start', fps: FPS })
      await sleep(SETTLE_SECONDS * 1000)
      await page.run(readingScript(seconds))
      await sleep((seconds + READ_SLACK_SECONDS) * 1000)
      const { shown, tiles, presented } = await page.run<Read>('globalThis.read')
      await command(port, secrets.accessToken, { command: 'stop' })
      const cores = (totalCpu(cpuTime(child.pid)) - before) / (seconds + SETTLE_SECONDS)
      const closed = await closedRecordings(data, {
        count: CAMERAS,
        thumbnails: false,
        timeoutMs: CLOSE_TIMEOUT_MS,
      })
      say(`${shown.length} pictures were read back from ${CAMERAS} tiles in ${seconds} s`)
      return summary({ delays: await delaysOf(shown, closed), tiles, presented, seconds, cores, closed })
    } finally {
      await browser.end('SIGTERM')
      await phones.end('SIGTERM')
      await child.end('SIGTERM')
    }
  })
}

/** 720p as a phone encodes it, its number painted into each picture; returns its file. */
async function makeCodedStream(folder: string): Promise<string> {
  const file = join(folder, 'coded.h264')
  const squares = Array.from({ length: BITS }, (_, bit) => {
    const box = `drawbox=x=${bit * SQUARE}:y=0:w=${SQUARE}:h=${SQUARE}:t=fill`
    const isSet = `gte(mod(n\\,${2 ** (bit + 1)})\\,${2 ** bit})`
    return `${box}:color=black,${box}:color=white:enable='${isSet}'`
  })
  const filters = [`noise=alls=12:allf=t`, ...squares].join(',')
  const child = new Child(
    process.env.FFMPEG_BIN || 'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${FPS}`],
      ...['-frames:v', String(2 ** BITS), '-vf', filters, '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-bf', '0'],
      ...['-g', String(FPS), '-keyint_min', String(FPS), '-sc_threshold', '0'],
      ...['-b:v', '4M', '-maxrate', '4M', '-bufsize', '4M'],
      ...['-bsf:v', 'filter_units=remove_types=6', '-f', 'h264', file],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await new Promise((resolve) => child.process.once('close', resolve))
  if (child.process.exitCode !== 0) throw new Error(`ffmpeg could not make the stream: ${child.output}`)
  return file
}

/** The control room shows every camera. */
async function untilTiles(page: DevTools): Promise<void> {
  for (const untilMs = Date.now() + OPEN_TIMEOUT_MS; ; await sleep(LOOK_MS)) {
    const tiles = await page.run<number>("document.querySelectorAll('.tile').length").catch(() => 0)
    if (tiles === CAMERAS) return
    if (Date.now() > untilMs) throw new Error(`the page shows ${tiles} tiles of ${CAMERAS}`)
  }
}

async function command(port: number, token: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`the command was refused: ${await response.text()}`)
}

/** What the page does: it reads one picture of each tile a second, as soon as it is there, into `read`. */
function readingScript(seconds: number): string {
  return `void (async () => {
    const canvas = document.createElement('canvas')
    canvas.width = ${BITS}
    canvas.height = 1
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const tiles = [...document.querySelectorAll('.tile')]
    const videos = tiles.map((tile) => tile.querySelector('video'))
    const cameras = tiles.map((tile) => tile.querySelector('h3').title)
    const shown = []
    const frames = () => videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames)
    const before = frames()
    const began = performance.now()
    const read = (video, tile, composedMs, atMs) => {
      context.drawImage(video, 0, ${SQUARE / 4}, ${BITS * SQUARE}, ${SQUARE / 2}, 0, 0, ${BITS}, 1)
      const { data } = context.getImageData(0, 0, ${BITS}, 1)
      let code = 0
      for (let bit = 0; bit < ${BITS}; bit += 1) if (data[4 * bit] > 127) code += 2 ** bit
      shown.push({ camera: cameras[tile], code, composedMs, atMs })
    }
    const look = (video, tile) =>
      new Promise((resolve) => {
        const next = () => {
          if (performance.now() - began > ${seconds * 1000}) return resolve()
          video.requestVideoFrameCallback((_, { presentationTime }) => {
            read(video, tile, performance.timeOrigin + presentationTime, Date.now())
            setTimeout(next, ${READ_MS})
          })
        }
        // Tiles take turns.
        setTimeout(next, (tile * ${READ_MS}) / videos.length)
        setTimeout(resolve, ${(seconds + READ_SLACK_SECONDS - 1) * 1000})
      })
    await Promise.all(videos.map(look))
    const after = frames()
    const took = (performance.now() - began) / 1000
    globalThis.read = { shown, tiles: cameras, presented: after.map((count, i) => (count - before[i]) / took) }
  })()`
}

/** When a picture of a recording was taken and when the server had it, by the wall clock, in ms. */
interface Taken {
  captureMs: number
  arrivalMs: number
}

/** The quickest way to the server stands for none. */
async function takenIn({ folder }: Closed): Promise<Taken[]> {
  const lines = (await readFile(join(folder, 'frames.csv'), 'utf8')).trim().split('\n').slice(1)
  const rows = lines.map((line) => line.split(',').map(Number))
  const aheadMs = rows.reduce((least, row) => Math.min(least, row[2]! - row[1]!), Number.POSITIVE_INFINITY)
  return rows.map((row) => ({ captureMs: row[1]! + aheadMs, arrivalMs: row[2]! }))
}

/** From capture to the screen, in the order of the showing. */
async function delaysOf(shown: Shown[], closed: Closed[]): Promise<Delay[]> {
  const cameras = closed.map(async (one) => [one.document.camera, await takenIn(one)] as const)
  const taken = new Map(await Promise.all(cameras))
  const delays = shown.flatMap((one) => delayOf(one, taken.get(one.camera) ?? []) ?? [])
  return delays.sort((a, b) => a.atMs - b.atMs)
}

/** Of the youngest picture of that number that had been taken by then. */
function delayOf({ camera, code, composedMs, atMs }: Shown, taken: Taken[]): Delay | undefined {
  for (let i = code; i < taken.length; i += 2 ** BITS) {
    const { captureMs, arrivalMs } = taken[i]!
    const next = taken[i + 2 ** BITS]
    if (captureMs > atMs || (next && next.captureMs <= atMs)) continue
    return {
      camera,
      atMs,
      delayMs: atMs - captureMs,
      toServerMs: arrivalMs - captureMs,
      toPageMs: atMs - composedMs,
    }
  }
  return undefined
}

const p99 = (ms: readonly number[]) =>
  ms.toSorted((a, b) => a - b)[Math.floor(ms.length * 0.99)] ?? Number.NaN

/** How late the pictures of each tile were, in ms, in the order of `presented`. */
function byTile(delays: Delay[], tiles: string[], presented: number[]) {
  return tiles.map((camera, i) => {
    const ms = delays.filter((one) => one.camera === camera).map(({ delayMs }) => delayMs)
    return { presented: presented[i]!, median: median(ms), p99: p99(ms) }
  })
}

/** How late the pictures of each minute were, in ms: whether it grows. */
function byMinute(delays: Delay[]): { median: number; p99: number }[] {
  const beganMs = delays[0]?.atMs ?? 0
  const minutes: number[][] = []
  for (const { atMs, delayMs } of delays) {
    const minute = Math.floor((atMs - beganMs) / 60_000)
    minutes[minute] ??= []
    minutes[minute].push(delayMs)
  }
  return minutes.map((of) => ({ median: median(of), p99: p99(of) }))
}

function summary(run: {
  delays: Delay[]
  tiles: string[]
  presented: number[]
  seconds: number
  cores: number
  closed: Closed[]
}): PartResult {
  const { delays, tiles, presented, seconds, cores, closed } = run
  const ms = delays.map(({ delayMs }) => delayMs)
  const slowestMs = p99(ms)
  const tenth = Math.max(1, Math.floor(ms.length / 10))
  const missing = closed.reduce((sum, { document }) => sum + document.integrity.missing, 0)
  const name = (what: string) => `${CAMERAS} cameras in a browser: ${what}`
  return {
    figures: [
      { name: name('capture to screen, median'), value: median(ms), unit: 'ms', atMost: MEDIAN_MS },
      { name: name('capture to screen, p99'), value: slowestMs, unit: 'ms', atMost: P99_MS },
      { name: name('median of the first tenth'), value: median(ms.slice(0, tenth)), unit: 'ms' },
      { name: name('median of the last tenth'), value: median(ms.slice(-tenth)), unit: 'ms' },
      { name: name('pictures shown a second, slowest tile'), value: Math.min(...presented), unit: '' },
      { name: name('pictures shown a second, median'), value: median(presented), unit: '' },
      { name: name('not recorded'), value: missing, unit: 'pictures', atMost: 0 },
      { name: name('CPU of the server'), value: cores, unit: 'cores' },
    ],
    rounds: [
      {
        seconds,
        read: ms.length,
        tiles: byTile(delays, tiles, presented),
        minutes: byMinute(delays),
        slowest: delays.filter(({ delayMs }) => delayMs >= slowestMs),
        freeMemoryMiB: Math.round(availableMemoryBytes() / 2 ** 20),
      },
    ],
    notes: [
      `browser: ${CAMERAS} cameras of 720p and ${FPS} pictures a second for ${seconds} s; server, phones and headless Chromium without a graphics card share the machine`,
    ],
  }
}
