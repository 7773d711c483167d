/** The server's own part of the delay: from the last byte of a picture to its sending, and to a viewer on the same machine. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Module, withFolder } from './children.ts'
import type { LiveLoadMessage } from './live-load.ts'
import type { LiveWatchMessage } from './live-watch.ts'
import { cpuTime, totalCpu } from './machine.ts'
import { type Context, medianOf, type PartResult } from './report.ts'
import { closedRecordings, startRollcall } from './rollcall.ts'
import { FPS, makeStream } from './stream.ts'

/** Issue 4, in ms. */
const TARGET_P99_MS = 5
const SETTINGS = [
  { name: '16 cameras, a viewer each', cameras: 16, viewersEach: 1, atMost: TARGET_P99_MS },
  { name: 'one camera, 50 viewers', cameras: 1, viewersEach: 50, atMost: undefined },
]
const ROUNDS = 3
const SECONDS = 30
const QUICK_SECONDS = 5
/** Measuring begins after this long, in s: Node has compiled what it needs. */
const SETTLE_SECONDS = 3
/** What was sent has come after this long, in ms, or does not come. */
const ARRIVE_MS = 1000
const CLOSE_TIMEOUT_MS = 30_000

interface Delay {
  p50: number
  p99: number
  max: number
}

interface Round {
  setting: string
  /** From the arrival of a picture in the server to its sending, by the server's histogram: upper bounds, in ms. */
  server: { p50: number; p99: number; sent: number }
  /** From the last byte that a phone sent to the whole message at a viewer, in ms. */
  client: Delay
  /** From a write of the phones' process to the viewers' process, with no server between, in ms. */
  direct: Delay
  /** Pictures that were sent and did not come, all viewers together. */
  notSeen: number
  afterSkipped: number
  /** Pictures that were sent and are in no recording. */
  notRecorded: number
  /** Of the server, CPU seconds a second. */
  cores: number
  /** Of the load generator: pictures went out at most so late. */
  lateMs: number
}

export async function liveServer(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const rounds: Round[] = []
  await withFolder(temp, async (folder) => {
    const streamFile = await makeStream(folder)
    for (let i = 0; i < (context.rounds ?? (quick ? 1 : ROUNDS)); i += 1)
      for (const setting of SETTINGS) {
        const round = await withFolder(folder, (data) => measure(data, streamFile, setting, context))
        rounds.push(round)
        say(`round ${i + 1}, ${describe(round)}`)
      }
  })
  const figures = SETTINGS.flatMap(({ name, atMost }) => {
    const target = atMost === undefined ? {} : { atMost }
    const of = rounds.filter(({ setting }) => setting === name)
    const each = (read: (round: Round) => number) => medianOf(of.map(read))
    return [
      { name: `${name}: arrival to sending, p50`, value: each((r) => r.server.p50), unit: 'ms' },
      {
        name: `${name}: arrival to sending, p99`,
        value: each((r) => r.server.p99),
        unit: 'ms',
        ...target,
      },
      { name: `${name}: phone to viewer, p50`, value: each((r) => r.client.p50), unit: 'ms' },
      {
        name: `${name}: phone to viewer, p99`,
        value: each((r) => r.client.p99),
        unit: 'ms',
        ...target,
      },
      { name: `${name}: phone to viewer, longest`, value: each((r) => r.client.max), unit: 'ms' },
      { name: `${name}: without a server, p99`, value: each((r) => r.direct.p99), unit: 'ms' },
      { name: `${name}: not seen`, value: each((r) => r.notSeen), unit: 'pictures', atMost: 0 },
      { name: `${name}: not recorded`, value: each((r) => r.notRecorded), unit: 'pictures', atMost: 0 },
      { name: `${name}: CPU of the server`, value: each((r) => r.cores), unit: 'cores' },
    ]
  })
  return {
    figures,
    rounds,
    notes: [
      `cameras of 720p, ${FPS} pictures a second and 4 Mbit/s, all recorded; phones and viewers are processes on the same machine`,
      'arrival to sending is the bound of a bucket of rollcall_live_delay_seconds; phone to viewer has two trips through loopback in it, and the waits of three processes for a CPU; without a server: from the phones straight to the process of the viewers, one trip, two processes',
    ],
  }
}

async function measure(
  data: string,
  streamFile: string,
  setting: (typeof SETTINGS)[number],
  { quick, nodeFlags }: Context,
): Promise<Round> {
  const seconds = SETTLE_SECONDS + (quick ? QUICK_SECONDS : SECONDS)
  const { cameras, viewersEach, name } = setting
  const pictures = seconds * FPS
  const { child, port } = await startRollcall(data, { probe: false, nodeFlags })
  const modules: Module<unknown>[] = []
  try {
    const load = new Module<LiveLoadMessage>('./live-load.ts', { port, streamFile, cameras, pictures })
    modules.push(load)
    const connected = (await load.next()) as Extract<LiveLoadMessage, { kind: 'connected' }>
    const secrets = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    const token: string = secrets.watchToken
    const ids = connected.ports.map((each) => `127.0.0.1_${each}`)
    const watched = ids.flatMap((id) => Array.from({ length: viewersEach }, () => id))
    const watch = new Module<LiveWatchMessage>('./live-watch.ts', { port, token, cameras: watched })
    modules.push(watch)
    const watching = (await watch.next()) as Extract<LiveWatchMessage, { kind: 'watching' }>
    load.send(watching.port)
    await sleep(SETTLE_SECONDS * 1000)
    const [before, cpuBefore] = [await histogram(port, token), totalCpu(cpuTime(child.pid))]
    const sent = (await load.next()) as Extract<LiveLoadMessage, { kind: 'done' }>
    const [after, cpu] = [await histogram(port, token), totalCpu(cpuTime(child.pid)) - cpuBefore]
    await sleep(ARRIVE_MS)
    watch.send('stop')
    const { cameMs, afterSkipped, directMs } = (await watch.next()) as Extract<
      LiveWatchMessage,
      { kind: 'done' }
    >
    const delays: number[] = []
    let notSeen = 0
    for (const [viewer, came] of cameMs.entries())
      for (const [i, sentMs] of sent.sentMs[Math.floor(viewer / viewersEach)]!.entries()) {
        const atMs = came[i + 1]
        if (atMs === undefined) notSeen += 1
        else if (i >= SETTLE_SECONDS * FPS) delays.push(atMs - sentMs)
      }
    load.send('close')
    const wanted = { count: cameras, thumbnails: false, timeoutMs: CLOSE_TIMEOUT_MS }
    const closed = await closedRecordings(data, wanted)
    const recorded = closed.reduce((sum, { document }) => sum + document.pictures, 0)
    return {
      setting: name,
      server: quantiles(before, after),
      client: percentiles(delays),
      direct: percentiles(directMs),
      notSeen,
      afterSkipped,
      notRecorded: cameras * pictures - recorded,
      cores: cpu / (seconds - SETTLE_SECONDS),
      lateMs: sent.lateMs,
    }
  } finally {
    for (const module of modules) module.kill()
    await child.end('SIGTERM')
  }
}

/** The counts of rollcall_live_delay_seconds: bound in ms, pictures at most so late. */
async function histogram(port: number, token: string): Promise<Map<number, number>> {
  const headers = { authorization: `Bearer ${token}` }
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
  const lines = text.matchAll(/^rollcall_live_delay_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)
  return new Map(
    [...lines].map(([, bound, count]) => [1000 * Number(bound?.replace('+', '')), Number(count)]),
  )
}

function quantiles(before: Map<number, number>, after: Map<number, number>): Round['server'] {
  const counts = [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const)
  const sent = counts.at(-1)?.[1] ?? 0
  const at = (share: number) => counts.find(([, count]) => count >= share * sent)?.[0] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), sent }
}

function percentiles(values: number[]): Delay {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

function describe({ setting, server, client, direct, notSeen, notRecorded, cores, lateMs }: Round): string {
  const ms = (value: number) => value.toFixed(2)
  return `${setting}: server p50 ≤ ${ms(server.p50)}, p99 ≤ ${ms(server.p99)} ms; viewers p50 ${ms(client.p50)}, p99 ${ms(client.p99)}, longest ${ms(client.max)} ms (without a server p99 ${ms(direct.p99)}); ${notSeen} not seen, ${notRecorded} not recorded, ${cores.toFixed(2)} cores, sent at most ${ms(lateMs)} ms late`
}
