/** `rollcall serve` in a process of its own, as it is measured. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RecordingDocument } from '../src/recording/document.ts'
import { Child } from './children.ts'

const BIN = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))
const PROBE = new URL('./probe.mjs', import.meta.url).href
const IDLE = fileURLToPath(new URL('./idle.mjs', import.meta.url))
/** How often the folders are looked at while recordings close, in ms. */
const LOOK_MS = 50

/** What the probe says of an event loop, in ms. */
export interface LoopDelay {
  p50: number
  p99: number
  max: number
  samples: number
}

/** What the probe says of memory, in bytes. */
export interface Memory {
  rss: number
  heapUsed: number
  external: number
}

export interface Rollcall {
  child: Child
  port: number
}

/**
 * Starts a server that records into a folder.
 *
 * @param options.probe - Load the probe into it.
 */
export async function startRollcall(
  data: string,
  options: { probe: boolean; nodeFlags: readonly string[]; args?: readonly string[] },
): Promise<Rollcall> {
  const flags = options.probe ? [...options.nodeFlags, '--import', PROBE] : options.nodeFlags
  const serve = [
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--no-https',
    '--data',
    data,
    ...(options.args ?? []),
  ]
  const child = new Child(process.execPath, [...flags, BIN, ...serve], {
    cwd: data,
    env: plainEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe', ...(options.probe ? (['ipc'] as const) : [])],
  })
  const port = Number((await child.says(/ws:\/\/127\.0\.0\.1:(\d+)\//))[1])
  return { child, port }
}

/** An idle Node with the probe in it. */
export async function startIdle(): Promise<Child> {
  const args = ['--import', PROBE, IDLE]
  const child = new Child(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  await child.says(/idle/)
  return child
}

/** A recording at rest. */
export interface Closed {
  folder: string
  document: RecordingDocument
}

/**
 * Waits until every recording is closed and has its thumbnail.
 *
 * @param count - So many recordings at least.
 * @returns Those that are there; fewer, or not closed, when the time is up.
 */
export async function closedRecordings(
  data: string,
  options: { count: number; thumbnails: boolean; timeoutMs: number },
): Promise<Closed[]> {
  const untilMs = performance.now() + options.timeoutMs
  const closed = new Map<string, Closed>()
  for (;;) {
    const names = (await readdir(data)).filter((name) => !name.startsWith('.'))
    for (const name of names.filter((name) => !closed.has(name))) {
      const folder = join(data, name)
      const document = await readFile(join(folder, 'recording.json'), 'utf8').then(
        (text) => JSON.parse(text) as RecordingDocument,
        () => undefined,
      )
      if (!document || document.state === 'recording') continue
      if (options.thumbnails && document.pictures > 0 && !(await isThere(join(folder, 'thumbnail.jpg'))))
        continue
      closed.set(name, { folder, document })
    }
    if (closed.size >= options.count && closed.size === names.length) break
    if (performance.now() > untilMs) break
    await sleep(LOOK_MS)
  }
  return [...closed.values()]
}

/** Ours, without what would set options of the server. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_')))
}

/** Whether a file is there. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
