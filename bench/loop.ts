/** How long the event loop of a busy server is held up while cameras stop and start. */

import { setTimeout as sleep } from 'node:timers/promises'
import { withFolder } from './children.ts'
import { Load } from './loads.ts'
import { type Context, medianOf, type PartResult } from './report.ts'
import { closedRecordings, type LoopDelay, startIdle, startRollcall } from './rollcall.ts'
import { FPS, makeStream } from './stream.ts'

const CAMERAS = 4
const ROUNDS = 3
const SECONDS = 30
const QUICK_SECONDS = 6
/** Measuring begins after this long, in ms: Node has compiled what it needs, recordings are open. */
const SETTLE_MS = 3000
/** Issue 2: the 99th percentile, in ms. */
const TARGET_P99_MS = 20
const CLOSE_TIMEOUT_MS = 30_000

interface Round {
  server: LoopDelay
  /** A process beside it that does nothing, at the same time. */
  idle: LoopDelay
  recordings: number
  /** Of the load generator: pictures went out at most so late. */
  lateMs: number
}

export async function loop(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const rounds: Round[] = []
  await withFolder(temp, async (folder) => {
    const streamFile = await makeStream(folder)
    for (let i = 0; i < (context.rounds ?? (quick ? 1 : ROUNDS)); i += 1) {
      const round = await withFolder(folder, (data) => measure(data, streamFile, context))
      rounds.push(round)
      say(`round ${i + 1}: server ${describe(round.server)}; idle process ${describe(round.idle)}`)
    }
  })
  const of = (key: 'p50' | 'p99' | 'max', who: 'server' | 'idle') => ({
    value: medianOf(rounds.map((round) => round[who][key])),
    unit: 'ms',
  })
  return {
    figures: [
      { name: 'event loop delay, p50', ...of('p50', 'server') },
      { name: 'event loop delay, p99', ...of('p99', 'server'), atMost: TARGET_P99_MS },
      { name: 'event loop delay, longest', ...of('max', 'server') },
      { name: 'idle process at the same time, p50', ...of('p50', 'idle') },
      { name: 'idle process at the same time, p99', ...of('p99', 'idle') },
      { name: 'idle process at the same time, longest', ...of('max', 'idle') },
    ],
    rounds,
    notes: [
      `${CAMERAS} cameras, one of them stops and starts each second; nothing is subtracted: a timer of 1 ms shows 1 ms when idle`,
    ],
  }
}

async function measure(data: string, streamFile: string, { quick, nodeFlags }: Context): Promise<Round> {
  const seconds = quick ? QUICK_SECONDS : SECONDS
  const pictures = (SETTLE_MS / 1000 + seconds + 1) * FPS
  const { child, port } = await startRollcall(data, { probe: true, nodeFlags })
  const idle = await startIdle()
  try {
    const job = { port, streamFile, cameras: CAMERAS, pictures, fps: FPS, restartEvery: FPS }
    const load = await Load.connect({ ...job, pace: 'paced', bare: false }, 1)
    const sent = load.run()
    await sleep(SETTLE_MS)
    await Promise.all([child.ask('start'), idle.ask('start')])
    await sleep(seconds * 1000)
    const [server, noise] = await Promise.all([child.ask<LoopDelay>('stop'), idle.ask<LoopDelay>('stop')])
    const { cameras, lateMs, pictures: sentPictures } = await sent
    const count = cameras.reduce((sum, { captures }) => sum + captures, 0)
    const closed = await closedRecordings(data, { count, thumbnails: true, timeoutMs: CLOSE_TIMEOUT_MS })
    const recorded = closed.reduce((sum, { document }) => sum + document.pictures, 0)
    if (recorded !== sentPictures)
      throw new Error(
        `${sentPictures} pictures were sent, ${recorded} recorded in ${closed.length} of ${count}`,
      )
    return { server, idle: noise, recordings: closed.length, lateMs }
  } finally {
    await idle.end('SIGKILL')
    await child.end('SIGTERM')
  }
}

function describe({ p50, p99, max }: LoopDelay): string {
  return `p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, longest ${max.toFixed(1)} ms`
}
