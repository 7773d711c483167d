/** What a connected camera takes of memory, and what a recording one does. */

import { setTimeout as sleep } from 'node:timers/promises'
import { withFolder } from './children.ts'
import { Load } from './loads.ts'
import { type Context, medianOf, type PartResult } from './report.ts'
import { closedRecordings, type Memory, startRollcall } from './rollcall.ts'
import { FPS, makeStream } from './stream.ts'

const CAMERAS = 100
const QUICK_CAMERAS = 20
const ROUNDS = 3
/** They record for so long; memory is looked at before the end. */
const SECONDS = 12
const LOOK_AFTER_MS = 10_000
/** Between a change and a look at memory, in ms. */
const SETTLE_MS = 1000
const CLOSE_TIMEOUT_MS = 60_000
const KIB = 1024

interface Round {
  empty: Memory
  connected: Memory
  recording: Memory
  closed: Memory
}

export async function memory(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const cameras = quick ? QUICK_CAMERAS : CAMERAS
  const rounds: Round[] = []
  await withFolder(temp, async (folder) => {
    const streamFile = await makeStream(folder)
    for (let i = 0; i < (context.rounds ?? (quick ? 1 : ROUNDS)); i += 1) {
      const round = await withFolder(folder, (data) => measure(data, streamFile, cameras, context))
      rounds.push(round)
      const { empty, connected, recording } = round
      say(
        `round ${i + 1}: RSS ${mib(empty.rss)} empty, ${mib(connected.rss)} connected, ${mib(recording.rss)} recording`,
      )
    }
  })
  const perCamera = (value: (round: Round) => number) => ({
    value: medianOf(rounds.map((round) => value(round) / cameras / KIB)),
    unit: 'KiB',
  })
  const held = ({ heapUsed, external }: Memory) => heapUsed + external
  return {
    figures: [
      {
        name: 'RSS of a server without cameras',
        value: medianOf(rounds.map(({ empty }) => empty.rss / KIB ** 2)),
        unit: 'MiB',
      },
      { name: 'a connected camera, RSS', ...perCamera((r) => r.connected.rss - r.empty.rss) },
      { name: 'a connected camera, held', ...perCamera((r) => held(r.connected) - held(r.empty)) },
      { name: 'a recording camera, RSS', ...perCamera((r) => r.recording.rss - r.empty.rss) },
      { name: 'a recording camera, held', ...perCamera((r) => held(r.recording) - held(r.empty)) },
      { name: 'left behind by a camera that has gone', ...perCamera((r) => held(r.closed) - held(r.empty)) },
    ],
    rounds,
    notes: [`${cameras} cameras; held: heap and what lies beside it, after a garbage collection`],
  }
}

async function measure(data: string, streamFile: string, cameras: number, context: Context): Promise<Round> {
  const nodeFlags = [...context.nodeFlags, '--expose-gc']
  const args = ['--no-thumbnails', '--log-level', 'warn']
  const { child, port } = await startRollcall(data, { probe: true, nodeFlags, args })
  try {
    await sleep(SETTLE_MS)
    const empty = await child.ask<Memory>('memory')
    const job = { port, streamFile, cameras, pictures: SECONDS * FPS, fps: FPS, restartEvery: 0 }
    const load = await Load.connect({ ...job, pace: 'paced', bare: false }, 1)
    await sleep(SETTLE_MS)
    const connected = await child.ask<Memory>('memory')
    const sent = load.run()
    await sleep(LOOK_AFTER_MS)
    const recording = await child.ask<Memory>('memory')
    await sent
    await closedRecordings(data, { count: cameras, thumbnails: false, timeoutMs: CLOSE_TIMEOUT_MS })
    await sleep(SETTLE_MS)
    return { empty, connected, recording, closed: await child.ask<Memory>('memory') }
  } finally {
    await child.end('SIGTERM')
  }
}

function mib(bytes: number): string {
  return `${(bytes / KIB ** 2).toFixed(0)} MiB`
}
