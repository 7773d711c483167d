/**
 * The load generator's process: a number of phones, as fast as the server takes them or at their own pace.
 *
 * Its job comes as JSON in its argument; it tells its parent over IPC when the phones are connected and what they sent.
 */

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Phone, type PhoneStream, phoneStream } from './phone.ts'

export interface LoadJob {
  port: number
  /** H.264 Annex B that begins with its parameter sets and has a keyframe each second; sent over and over. */
  streamFile: string
  cameras: number
  /** Pictures of each camera. */
  pictures: number
  /** Capture times are so many a second. */
  fps: number
  /** `fast`: as the server takes them; `paced`: as the capture times say, the phones evenly out of phase. */
  pace: 'fast' | 'paced'
  /** Of several processes that share the load: which one this is, of how many; their phones interleave. */
  share: { index: number; of: number }
  /** The first camera stops and starts after so many pictures; 0: never. Must end at a keyframe of the stream. */
  restartEvery: number
  /** The server reads no WebSocket. */
  bare: boolean
}

export interface LoadAccount {
  /** By the port that each phone connected from. */
  cameras: { port: number; pictures: number; captures: number }[]
  pictures: number
  /** Bytes of frame packets. */
  bytes: number
  /** From the first picture to the last one given to a socket. */
  seconds: number
  /** The most that a picture went out later than its time. Paced only. */
  lateMs: number
  /** The most bytes that one phone had waiting for the server. */
  waitingBytes: number
}

export type LoadMessage = { kind: 'connected' } | { kind: 'done'; account: LoadAccount }

/** The camera's clock when it starts, in ms since its boot; each camera's another. */
const FIRST_CAPTURE_MS = 5_000_000
const CAMERA_APART_MS = 7919
/** Sends between two looks at the sockets: the process must take what the server answers. */
const SENDS_PER_TURN = 64

interface Seat {
  phone: Phone
  zeroMs: number
  captures: number
}

const job: LoadJob = JSON.parse(process.argv[2]!)
const stream = phoneStream(readFileSync(job.streamFile))
const seats: Seat[] = []
for (let i = 0; i < job.cameras; i += 1)
  seats.push({
    phone: await Phone.connect(job.port),
    zeroMs: FIRST_CAPTURE_MS + CAMERA_APART_MS * i,
    captures: 0,
  })
const go = new Promise<number>((resolve) => process.once('message', (atMs) => resolve(Number(atMs))))
tell({ kind: 'connected' })
const startAtMs = await go
await sleep(Math.max(0, startAtMs - Date.now()))
const startedMs = performance.now()
const { lateMs, waitingBytes } = job.pace === 'fast' ? await sendFast() : await sendPaced(startedMs)
const seconds = (performance.now() - startedMs) / 1000
for (const { phone } of seats) phone.say('capture_stopped')
await Promise.all(seats.map(({ phone }) => phone.close(job.bare)))
const cameras = seats.map(({ phone, captures }) => ({
  port: phone.port,
  pictures: phone.pictures,
  captures,
}))
const sum = (of: (phone: Phone) => number) => seats.reduce((total, { phone }) => total + of(phone), 0)
const pictures = sum((phone) => phone.pictures)
const bytes = sum((phone) => phone.bytes)
tell({ kind: 'done', account: { cameras, pictures, bytes, seconds, lateMs, waitingBytes } })
process.disconnect?.()

async function sendFast(): Promise<{ lateMs: number; waitingBytes: number }> {
  await Promise.all(
    seats.map(async (seat) => {
      for (let i = 0; i < job.pictures; i += 1) {
        if (!send(seat, i)) await seat.phone.drained()
        else if (i % SENDS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  return { lateMs: 0, waitingBytes: 0 }
}

/** Picture k of camera c is due at (k + phase of c) intervals: one list in order of time, walked through once. */
async function sendPaced(zeroMs: number): Promise<{ lateMs: number; waitingBytes: number }> {
  const { index, of } = job.share
  const stepMs = 1000 / job.fps / seats.length
  let lateMs = 0
  let waitingBytes = 0
  for (let next = 0; next < job.pictures * seats.length; ) {
    const nowMs = performance.now() - zeroMs
    const dueMs = (next + index / of) * stepMs
    if (dueMs > nowMs) {
      await sleep(1)
      continue
    }
    const seat = seats[next % seats.length]!
    lateMs = Math.max(lateMs, nowMs - dueMs)
    send(seat, Math.floor(next / seats.length))
    waitingBytes = Math.max(waitingBytes, seat.phone.waitingBytes)
    next += 1
    if (next % SENDS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { lateMs, waitingBytes }
}

function send(seat: Seat, i: number): boolean {
  const restarts = job.restartEvery > 0 && seat === seats[0] && i % job.restartEvery === 0
  if (i === 0 || restarts) {
    if (i > 0) seat.phone.say('capture_stopped')
    seat.phone.begin(stream satisfies PhoneStream)
    seat.captures += 1
  }
  const picture = stream.pictures[i % stream.pictures.length]!
  return seat.phone.picture(picture, seat.zeroMs + Math.round((i * 1000) / job.fps))
}

function tell(message: LoadMessage): void {
  process.send!(message)
}
