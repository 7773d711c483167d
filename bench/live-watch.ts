/** Viewers in a process of their own: it notes when each picture has come. */

import { WebSocket } from 'ws'

export interface LiveWatchJob {
  port: number
  token: string
  /** One viewer each. */
  cameras: string[]
}

export type LiveWatchMessage =
  | { kind: 'watching' }
  /** By viewer: when the picture of each sequence number came, on the clock that all processes share, in ms. */
  | { kind: 'done'; cameMs: Record<number, number>[]; afterSkipped: number }

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
    came[data.readUInt32BE(4)] = Number(process.hrtime.bigint()) / 1e6
    if ((data[0]! & SKIPPED) !== 0) afterSkipped += 1
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
}
tell({ kind: 'watching' })
process.once('message', () => {
  tell({ kind: 'done', cameMs, afterSkipped })
  for (const socket of sockets) socket.terminate()
  process.disconnect?.()
})

function tell(message: LiveWatchMessage): void {
  process.send!(message)
}
