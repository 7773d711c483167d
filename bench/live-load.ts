/** Phones whose pictures are watched, in a process of their own: it notes when the last byte of each was sent. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Phone, phoneStream } from './phone.ts'
import { FPS } from './stream.ts'

export interface LiveLoadJob {
  port: number
  streamFile: string
  cameras: number
  /** Of each camera. */
  pictures: number
}

export type LiveLoadMessage =
  | { kind: 'connected'; ports: number[] }
  /** By camera and picture, on the clock that all processes of the machine share, in ms. Picture i has sequence number i + 1. */
  | { kind: 'done'; sentMs: number[][]; lateMs: number }

/** The camera's clock when it starts, in ms since its boot. */
const FIRST_CAPTURE_MS = 5_000_000

const job: LiveLoadJob = JSON.parse(process.argv[2]!)
const stream = phoneStream(readFileSync(job.streamFile))
const phones: Phone[] = []
for (let i = 0; i < job.cameras; i += 1) phones.push(await Phone.connect(job.port))
/** Where the viewers' process hears how late the machine itself is. */
const go = new Promise<number>((resolve) => process.once('message', (port) => resolve(Number(port))))
tell({ kind: 'connected', ports: phones.map(({ port }) => port) })
const direct = connect({ port: await go, host: '127.0.0.1', noDelay: true })
await once(direct, 'connect')

const sentMs: number[][] = phones.map(() => [])
const stepMs = 1000 / FPS / phones.length
const zeroMs = monotonicMs()
let lateMs = 0
for (const phone of phones) phone.begin(stream)
for (let next = 0; next < job.pictures * phones.length; next += 1) {
  const dueMs = zeroMs + next * stepMs
  while (monotonicMs() < dueMs) await sleep(1)
  lateMs = Math.max(lateMs, monotonicMs() - dueMs)
  const [camera, i] = [next % phones.length, Math.floor(next / phones.length)]
  phones[camera]!.picture(
    stream.pictures[i % stream.pictures.length]!,
    FIRST_CAPTURE_MS + Math.round((i * 1000) / FPS),
  )
  sentMs[camera]!.push(monotonicMs())
  const stamp = Buffer.alloc(8)
  stamp.writeDoubleBE(monotonicMs())
  direct.write(stamp)
}
for (const phone of phones) phone.say('capture_stopped')
tell({ kind: 'done', sentMs, lateMs })
process.once('message', async () => {
  direct.destroy()
  await Promise.all(phones.map((phone) => phone.close(false)))
  process.disconnect?.()
})

/** CLOCK_MONOTONIC of Linux: one for all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function tell(message: LiveLoadMessage): void {
  process.send!(message)
}
