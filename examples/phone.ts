/**
 * A camera that sends an H.264 file as the Android app does: each time it is started, 10 pictures a second.
 *
 *     npx tsx examples/phone.ts film.h264 ws://127.0.0.1:50001/android-cam
 *
 * Needs ws, which is there where Rollcall is. docs/protocol.md says what it speaks.
 */
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

/** The parameter sets, then one picture after the other. */
function packetsOf(stream: Buffer): Buffer[] {
  const startCode = Buffer.from([0, 0, 1])
  const pictures: Buffer[] = []
  let sets = Buffer.alloc(0)
  let before = Buffer.alloc(0)
  for (let at = stream.indexOf(startCode), end = 0; at >= 0; at = end) {
    end = stream.indexOf(startCode, at + 3)
    const nal = stream.subarray(at, end < 0 ? stream.length : end)
    const type = nal[3]! & 31
    if (type === 7 || type === 8) {
      // SPS, PPS: later ones are the same.
      if (pictures.length === 0) sets = Buffer.concat([sets, nal])
    } else if (type !== 1 && type !== 5) before = Buffer.concat([before, nal])
    else if (nal[4]! & 0x80) {
      pictures.push(Buffer.concat([before, nal]))
      before = Buffer.alloc(0)
    } else pictures.push(Buffer.concat([pictures.pop()!, nal])) // a further slice: first_mb_in_slice is not 0
  }
  return [sets, ...pictures]
}

const [file = 'film.h264', url = 'ws://127.0.0.1:50001/android-cam'] = process.argv.slice(2)
const packets = packetsOf(readFileSync(file))
const socket = new WebSocket(url)
let timer: NodeJS.Timeout | undefined
let sequence = 0

function stop() {
  if (timer) socket.send('{"status":"capture_stopped"}')
  clearInterval(timer)
  timer = undefined
}

function sendNext() {
  const packet = packets[sequence]
  if (!packet) return stop()
  const header = Buffer.alloc(16)
  header.writeBigUInt64BE(BigInt(sequence === 0 ? 0 : Math.floor(performance.now())), 0)
  header.writeUInt32BE(sequence, 8)
  header.writeUInt32BE(packet.length, 12)
  socket.send(Buffer.concat([header, packet]))
  if (sequence === 0) socket.send('{"status":"capture_started"}')
  sequence += 1
}

socket.on('open', () => {
  socket.send('{"status":"ready"}')
  socket.send('{"type":"capabilities","deviceModel":"phone.ts"}')
})
socket.on('message', (text) => {
  const { command } = JSON.parse(String(text))
  if (command === 'stop_capture') stop()
  if (command !== 'start_capture' || timer) return
  sequence = 0
  timer = setInterval(sendNext, 100)
})
socket.on('close', () => clearInterval(timer))
