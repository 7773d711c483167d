/** Viewers in a process of their own: it notes when each picture has come. */

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { WebSocket } from 'ws'

export interface LiveWatchJob {
  port: number
  token: string
  /** One viewer each. */
  cameras: string[]
}

export type LiveWatchMessage =
  /** `port`: where the phones' process says when it writes, to show how late the machine itself is. */
  | { kind: 'watching'; port: number }
  /** By viewer: when the picture of each sequence number came, on the clock that all processes share, in ms. */
  | { kind: 'done'; cameMs: Record<number, number>[]; afterSkipped: number; directMs: number[] }

const SKIPPED = 2

const job: LiveWatchJob = JSON.parse(process.argv[2]!)
const cameMs: Record<number, number>[] = []
let afterSkipped = 0
const sockets: WebSocket[] = []
for (const camera of job.cameras) {
  const came: Record<number, number> = {}
  cameMs.push(came)
  const headers = { authorization: `Bearer ${job.token}` }
  const socket = new WebSocket(`ws://127.0.0.1:${job.port}/live/${camera}`, { headers })
  sockets.push(socket)
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return
    came[data.readUInt32BE(4)] = monotonicMs()
    if ((data[0]! & SKIPPED) !== 0) afterSkipped += 1
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
}
const directMs: number[] = []
const direct = createServer((socket) => {
  let rest = Buffer.alloc(0)
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    for (; rest.length >= 8; rest = rest.subarray(8)) directMs.push(monotonicMs() - rest.readDoubleBE(0))
  })
}).listen(0, '127.0.0.1')
await once(direct, 'listening')
tell({ kind: 'watching', port: (direct.address() as AddressInfo).port })
process.once('message', () => {
  direct.close()
  for (const socket of sockets) socket.terminate()
  tell({ kind: 'done', cameMs, afterSkipped, directMs }, () => process.disconnect?.())
})

/** CLOCK_MONOTONIC of Linux: one for all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function tell(message: LiveWatchMessage, onSent = () => {}): void {
  process.send!(message, undefined, undefined, onSent)
}
