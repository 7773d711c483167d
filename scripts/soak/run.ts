/**
 * `npm run soak`: a real server under cameras that come and go, until the time is up. Exits with 1 when memory grows,
 * descriptors leak or a picture is not accounted for. Linux with ffmpeg.
 */

import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cleanUpAtExit, withFolder } from '../../bench/children.ts'
import { type LoopDelay, type Rollcall, startRollcall } from '../../bench/rollcall.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import { saveFigure } from '../reliability.ts'
import { Cameras } from './cameras.ts'
import { reckon } from './reckoning.ts'
import { descriptorsOf, rssSlope, type Sample, sample } from './watch.ts'

const SEATS = 16
const MIB = 1024 * 1024
const MAX_SLOPE_BYTES = MIB
const SAMPLE_EVERY_MS = 2000
const PRINT_EVERY_MS = 60_000
/** Caches fill and code is compiled in this share of the run; it is not looked at. */
const WARM_UP_SHARE = 0.25
/** What ends after the last camera may take this long, in ms. */
const SETTLE_MS = 30_000
/** From one word of the operator to the next, in ms. */
const SHORTEST_TURN_MS = 10_000
const LONGEST_TURN_MS = 40_000

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes >= 1) || !Number.isInteger(seed)) {
  console.error('soak: --minutes takes a number from 1, --seed a whole number')
  process.exit(2)
}

cleanUpAtExit()
const command = `npm run soak${minutes === 20 ? '' : ` -- --minutes ${minutes}`}`
const wrong = await withFolder(tmpdir(), (data) => withFolder(tmpdir(), (own) => soak(data, own)))
for (const line of wrong) console.error(`wrong: ${line}`)
process.exitCode = wrong.length > 0 ? 1 : 0

async function soak(data: string, own: string): Promise<string[]> {
  const source = join(own, 'source.h264')
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=15', '-frames:v', '150']
  const encoder = ['-c:v', 'libx264', '-profile:v', 'baseline', '-b:v', '200k', '-g', '15']
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...encoder, source])
  const server = await startRollcall(data, { probe: true, nodeFlags: [] })
  const cameras = await Cameras.create(`ws://127.0.0.1:${server.port}/android-cam`, seed, source)
  // What is opened once, at the first camera and the first thumbnail, is no leak.
  await cameras.visit({ name: 'First', autoStart: true, stayMs: 5000, seed })
  await sleep(5000)
  const descriptorsBefore = descriptorsOf(server.child.pid)
  await server.child.ask('start')

  const beganMs = performance.now()
  const untilMs = beganMs + minutes * 60_000
  const samples: Sample[] = []
  const looking = watch(server, beganMs, untilMs, samples)
  const seats = Array.from({ length: SEATS }, (_, seat) => cameras.fill(seat, untilMs))
  await Promise.all([looking, operate(server, untilMs), ...seats])
  const loop = await server.child.ask<LoopDelay>('stop')

  const lastMs = performance.now() + SETTLE_MS
  while (descriptorsOf(server.child.pid) !== descriptorsBefore && performance.now() < lastMs) await sleep(100)
  const descriptorsAfter = descriptorsOf(server.child.pid)
  await server.child.end('SIGTERM')
  const exitCode = server.child.process.exitCode
  const reckoning = await reckon(data, cameras.captures)

  const warm = samples.filter(({ atMs }) => atMs > minutes * 60_000 * WARM_UP_SHARE)
  const slope = rssSlope(warm)
  const rss = warm.map(({ rssBytes }) => rssBytes / MIB)
  const { recordings, sent, recorded, missing, lostWithConnection } = reckoning
  const figure =
    `${(slope / MIB).toFixed(2)} MiB/min over ${minutes} minutes (RSS ${Math.min(...rss).toFixed(0)} to ` +
    `${Math.max(...rss).toFixed(0)} MiB), descriptors ${descriptorsBefore} before and ${descriptorsAfter} after, ` +
    `${cameras.connections} connections, ${recordings} recordings, ${sent} pictures sent, ${recorded} recorded, ` +
    `${missing} thrown away by phones and counted, ${lostWithConnection} lost with ` +
    `cut connections; event loop p99 ${loop.p99.toFixed(1)} ms, max ${loop.max.toFixed(0)} ms`
  console.log(`[figure] soak: ${figure}`)
  const wrong = [...reckoning.wrong]
  if (slope >= MAX_SLOPE_BYTES) wrong.push(`resident memory grows by ${(slope / MIB).toFixed(2)} MiB/min`)
  if (descriptorsAfter !== descriptorsBefore)
    wrong.push(`${descriptorsBefore} file descriptors before, ${descriptorsAfter} after`)
  if (exitCode !== 0) wrong.push(`the server ended with ${exitCode}: ${server.child.output}`)
  if (wrong.length === 0) saveFigure('soak', { figure, command })
  return wrong
}

async function watch(server: Rollcall, beganMs: number, untilMs: number, samples: Sample[]): Promise<void> {
  let printedMs = beganMs
  while (performance.now() < untilMs) {
    const now = sample(server.child.pid, beganMs)
    samples.push(now)
    if (performance.now() - printedMs > PRINT_EVERY_MS) {
      printedMs += PRINT_EVERY_MS
      const { atMs, rssBytes, descriptors } = now
      const line = `${Math.round(atMs / 1000)} s: RSS ${(rssBytes / MIB).toFixed(1)} MiB, ${descriptors} descriptors`
      console.log(line)
    }
    await sleep(SAMPLE_EVERY_MS)
  }
}

/** Types start and stop, for the cameras that wait for it. */
async function operate(server: Rollcall, untilMs: number): Promise<void> {
  const random = seededRandom(seed)
  const { stdin } = server.child.process
  for (let isRunning = false; performance.now() < untilMs; isRunning = !isRunning) {
    stdin!.write(isRunning ? 'stop\n' : 'start 4:3 1 15\n')
    const turnMs = SHORTEST_TURN_MS + random() * (LONGEST_TURN_MS - SHORTEST_TURN_MS)
    await sleep(Math.min(turnMs, Math.max(0, untilMs - performance.now())))
  }
  stdin!.write('stop\n')
}
