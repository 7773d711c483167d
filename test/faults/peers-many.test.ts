/** Ten thousand connections that send nothing: a recording beside them does not notice. */

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { printFigure } from '../support/figure.ts'
import { temporaryFolder } from '../support/folders.ts'
import { expectPerfect, residentBytes } from '../support/perfect.ts'
import { ServerProcess } from '../support/process.ts'
import { StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

const CROWD = fileURLToPath(new URL('../support/silent-crowd.mjs', import.meta.url))
const CONNECTIONS = 10_000
const ADDRESSES = 40
/** Pictures that are recorded before, and once all have come: 50 a second. */
const PICTURES = 50
/** A connection of Node with its parser takes about 10 KiB; the rest is room for the heap to breathe. */
const MOST_BYTES = { bound: 96 * 2 ** 20, room: 320 * 2 ** 20 }

const hasFiles = openFileLimit() > CONNECTIONS + 1000
if (!hasFiles) console.info('fewer than 11,000 open files are allowed here: 10,000 connections are left out')

/** Hard limit of open files; Node raises its own to it. */
function openFileLimit(): number {
  try {
    return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  } catch {
    return 0
  }
}

interface Crowd {
  connected: number
  ended: number
  failed: number
}

/** Comes in a process of its own; gives what has become of it so far. */
function crowd(port: number): { child: ChildProcess; now: () => Crowd | undefined } {
  const child = spawn(process.execPath, [CROWD, String(port), String(CONNECTIONS), String(ADDRESSES)])
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (data) => {
    output = (output + data).slice(-1000)
  })
  return { child, now: () => parsed(output.split('\n').at(-2)) }
}

function parsed(line: string | undefined): Crowd | undefined {
  return line?.startsWith('{') && line.endsWith('}') ? JSON.parse(line) : undefined
}

it.skipIf(!hasFiles).each([
  ['as many as the bounds let in, the others are cut', [], MOST_BYTES.bound],
  [
    'all are let in',
    ['--max-connections', '12000', '--max-connections-per-address', '12000', '--headers-timeout-ms', '60000'],
    MOST_BYTES.room,
  ],
] as const)(
  'a recording beside 10,000 silent connections misses nothing: %s',
  async (_how, args, mostBytes) => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails', ...args])
    const phone = await StreamingPhone.connect(server.port)
    phone.start()
    await until('the first pictures', () => phone.sent.length > PICTURES)
    const beforeBytes = await residentBytes(server.child.pid!)
    const { now } = crowd(server.port)
    const isIn = args.length > 0
    const come = await until('all of them', () => {
      const seen = now()
      return seen && (isIn || seen.ended + seen.failed >= CONNECTIONS - 1024) && seen
    })
    const sent = phone.sent.length
    await until('more pictures', () => phone.sent.length > sent + PICTURES)
    const grownBytes = (await residentBytes(server.child.pid!)) - beforeBytes
    const { pictures, delayMs } = await expectPerfect(data, phone)
    printFigure(
      'hostile-peers',
      `10,000 connections (${come.connected} made, ${come.ended} cut): ${pictures} pictures, none missing; slowest ${delayMs} ms behind the quickest; memory +${Math.round(grownBytes / 2 ** 20)} MiB`,
    )
    if (isIn) expect(come).toEqual({ connected: CONNECTIONS, ended: 0, failed: 0 })
    else expect(server.output).toMatch(/turned away: more than \d+ connections/)
    expect(grownBytes).toBeLessThan(mostBytes)
  },
)
