/** CPU seconds a GB: Rollcall against a sink that only copies, and against what users had before. */

import { once } from 'node:events'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child, runs, withFolder } from './children.ts'
import { Load } from './loads.ts'
import { availableMemoryBytes, cpuTime, freeDiskBytes, totalCpu, warmMemory } from './machine.ts'
import { Phone } from './phone.ts'
import { type Context, medianOf, type PartResult } from './report.ts'
import { closedRecordings, isThere, startRollcall } from './rollcall.ts'
import { CAMERA_BYTES_PER_SECOND, FPS, makeStream } from './stream.ts'

const CAMERAS = 4
const ROUNDS = 5
/** Film of each camera, a take of 20 minutes: 4 × 1200 s × 4 Mbit/s is 2.4 GB. */
const FILM_SECONDS = 1200
const QUICK_FILM_SECONDS = 40
/** A server writes at most so many times what it receives: raw file and MP4, and some memory of its own. */
const WRITTEN_TIMES = 2.3
/** Recordings may take so long to close, and to have their thumbnails. */
const CLOSE_TIMEOUT_MS = 60_000
/** Issue 2: at most half of the CPU time of the server that users had before. */
const BASELINE_RATIO = 0.5
const BASELINE = fileURLToPath(new URL('../../shared/bench/baseline.py', import.meta.url))
const SINK_SOURCE = fileURLToPath(new URL('./sink.c', import.meta.url))
/** Debian keeps its packages for its own python3; another one may stand before it on PATH. */
const PYTHONS = ['/usr/bin/python3', 'python3']
/** A server in Python listens after about this long; looked at so often. Both in ms. */
const START_TIMEOUT_MS = 15_000
const LOOK_MS = 50

type ServerName = 'sink' | 'rollcall' | 'baseline'

/** What one server used in one round. */
interface Run {
  server: ServerName
  /** Bytes of frame packets that it received. */
  bytes: number
  seconds: number
  user: number
  system: number
  children: number
  /** Of all that: before the first camera came. */
  starting: number
  cpuPerGb: number
  /** CPU seconds a GB that taking memory cost right before. */
  warming: number
}

interface Server {
  child: Child
  port: number
  /** Resolves when everything that the cameras sent is in its files. */
  finished: () => Promise<void>
}

type Start = (folder: string) => Promise<Server>

export async function ingest(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const filmSeconds = quick ? QUICK_FILM_SECONDS : FILM_SECONDS
  const roundBytes = CAMERAS * filmSeconds * CAMERA_BYTES_PER_SECOND
  const writtenBytes = roundBytes * WRITTEN_TIMES
  if ((await freeDiskBytes(temp)) < 2 * writtenBytes) throw new Error(`${temp} has too little space`)
  const notes: string[] = []
  return withFolder(temp, async (folder) => {
    const servers = await findServers(folder, context, notes)
    const streamFile = await makeStream(folder)
    const runs: Run[][] = []
    for (let round = 0; round < (context.rounds ?? (quick ? 1 : ROUNDS)); round += 1) {
      // Each server is first, second and last equally often.
      const order = servers.map((_, i) => servers[(i + round) % servers.length]!)
      const results: Run[] = []
      for (const [name, start] of order) {
        const data = join(folder, name)
        await mkdir(data)
        const warming = warmMemory(folder, Math.min(writtenBytes, availableMemoryBytes() / 2))
        const run = await measure(name, start, { data, streamFile, pictures: filmSeconds * FPS, warming })
        results.push(run)
        await rm(data, { recursive: true })
        say(`round ${round + 1}: ${describe(run)}`)
      }
      runs.push(results)
    }
    return summary(runs, notes)
  })
}

async function measure(
  server: ServerName,
  start: Start,
  options: { data: string; streamFile: string; pictures: number; warming: number },
): Promise<Run> {
  const { data, streamFile, pictures, warming } = options
  const { child, port, finished } = await start(data)
  try {
    const starting = totalCpu(cpuTime(child.pid))
    const job = { port, streamFile, cameras: CAMERAS, pictures, fps: FPS, restartEvery: 0 }
    const load = await Load.connect({ ...job, pace: 'fast', bare: server === 'sink' }, 1)
    const { bytes, seconds } = await load.run()
    await finished()
    const cpu = cpuTime(child.pid)
    return { server, bytes, seconds, ...cpu, starting, cpuPerGb: totalCpu(cpu) / (bytes / 1e9), warming }
  } finally {
    await child.end('SIGTERM')
  }
}

/** The servers that can run here, and how. */
async function findServers(
  folder: string,
  { nodeFlags }: Context,
  notes: string[],
): Promise<[ServerName, Start][]> {
  const servers: [ServerName, Start][] = [['rollcall', (data) => startMeasured(data, nodeFlags)]]
  const sink = join(folder, 'sink.bin')
  if (runs('cc', '-O2', '-pthread', SINK_SOURCE, '-o', sink))
    servers.unshift(['sink', (d) => startSink(sink, d)])
  else notes.push('no sink: there is no C compiler (cc) that makes it')
  const python = PYTHONS.find((program) => runs(program, '-c', 'import websockets'))
  const hasBaseline = await isThere(BASELINE)
  if (!hasBaseline) notes.push('no baseline: ../shared/bench/baseline.py is not there')
  else if (!python) notes.push('no baseline: no python3 here has websockets (Debian: python3-websockets)')
  else servers.push(['baseline', (data) => startBaseline(python, data)])
  notes.push(
    'CPU time of each server and the children it waited for, from its start to its last file; thumbnails included',
    'memory is taken and given back right before each run: on virtual machines cold memory costs extra',
  )
  return servers
}

async function startMeasured(data: string, nodeFlags: readonly string[]): Promise<Server> {
  const { child, port } = await startRollcall(data, { probe: false, nodeFlags })
  const finished = async () => {
    const wanted = { count: CAMERAS, thumbnails: true, timeoutMs: CLOSE_TIMEOUT_MS }
    const closed = await closedRecordings(data, wanted)
    if (closed.length < CAMERAS) throw new Error(`Rollcall closed ${closed.length} recordings of ${CAMERAS}`)
  }
  return { child, port, finished }
}

async function startSink(program: string, data: string): Promise<Server> {
  const child = new Child(program, [data], { stdio: ['ignore', 'pipe', 'pipe'] })
  const port = Number((await child.says(/port (\d+)/))[1])
  return { child, port, finished: async () => {} }
}

/** It prints a line a picture: into nothing. A camera may be gone before its MP4 and thumbnail are made. */
async function startBaseline(python: string, data: string): Promise<Server> {
  const port = await freePort()
  const child = new Child(python, [BASELINE, String(port)], {
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for (const untilMs = performance.now() + START_TIMEOUT_MS; !(await isListening(port)); await sleep(LOOK_MS))
    if (child.hasEnded || performance.now() > untilMs) throw new Error(`baseline.py: ${child.output}`)
  const finished = async () => {
    const recordings = join(data, 'recordings')
    for (const untilMs = performance.now() + CLOSE_TIMEOUT_MS; ; await sleep(LOOK_MS)) {
      const folders = await readdir(recordings)
      const there = await Promise.all(
        folders.map((folder) => isThere(join(recordings, folder, 'thumbnail.jpg'))),
      )
      if (there.filter(Boolean).length === CAMERAS) break
      if (child.hasEnded || performance.now() > untilMs) throw new Error(`baseline.py: ${child.output}`)
    }
    // It answers nobody while an ffmpeg runs: once it does, it has waited for the last one.
    await (await Phone.connect(port)).close(false)
  }
  return { child, port, finished }
}

function summary(rounds: Run[][], notes: string[]): PartResult {
  const perGb = (server: ServerName) =>
    rounds.map((runs) => runs.find((run) => run.server === server)?.cpuPerGb)
  const ratio = (other: ServerName) =>
    rounds.map((_, i) => {
      const [ours, theirs] = [perGb('rollcall')[i], perGb(other)[i]]
      return ours !== undefined && theirs !== undefined ? ours / theirs : undefined
    })
  const seconds = (server: ServerName) => ({ value: medianOf(perGb(server)), unit: 'CPU s/GB' })
  const figures = [
    { name: 'sink.c: copies, understands nothing', ...seconds('sink') },
    { name: 'Rollcall: raw, MP4, thumbnails', ...seconds('rollcall') },
    { name: 'baseline.py: raw, MP4, thumbnails', ...seconds('baseline') },
    { name: 'Rollcall / baseline.py', value: medianOf(ratio('baseline')), unit: '×', atMost: BASELINE_RATIO },
    { name: 'Rollcall / sink.c', value: medianOf(ratio('sink')), unit: '×' },
  ]
  return { figures, rounds, notes }
}

function describe({ server, cpuPerGb, user, system, children, seconds, bytes, warming }: Run): string {
  const parts = `user ${user.toFixed(2)} s, system ${system.toFixed(2)} s, children ${children.toFixed(2)} s`
  const speed = (bytes / 1e6 / seconds).toFixed(0)
  return `${server.padEnd(8)} ${cpuPerGb.toFixed(2)} CPU s/GB (${parts}; ${speed} MB/s; warming ${warming.toFixed(2)} s/GB)`
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
