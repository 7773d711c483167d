/**
 * A camera that sends an H.264 file as the Android app does: each time it is started, 10 pictures a second.
 *
 *     npx tsx examples/phone.ts film.h264 ws://127.0.0.1:50001/android-cam
 *
 * Needs ws, which is there where Rollcall is; README.md says what file. docs/protocol.md says what it speaks.
 */
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

const [file = 'film.h264', url = 'ws://127.0.0.1:50001/android-cam'] = process.argv.slice(2)
const DELIMITER = '\0\0\0\x01\x09'
// Each picture begins with an access unit delimiter; SPS and PPS stand before the first slice, of a keyframe.
const pictures = readFileSync(file, 'latin1').split(DELIMITER).slice(1)
const [sets] = pictures[0]!.split('\0\0\x01\x65')
const packets = [sets!, ...pictures].map((packet) => Buffer.from(DELIMITER + packet, 'latin1'))
const socket = new WebSocket(url)
const say = (words: object) => socket.send(JSON.stringify(words))
let timer: NodeJS.Timeout | undefined
let sequence = 0

function stop() {
  clearInterval(timer)
  if (timer) say({ status: 'capture_stopped' })
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
  if (sequence++ === 0) say({ status: 'capture_started' })
}

socket.on('open', () => {
  say({ status: 'ready' })
  say({ type: 'capabilities', deviceModel: 'phone.ts' })
})
socket.on('message', (text) => {
  const { command } = JSON.parse(String(text))
  if (command === 'stop_capture') stop()
  if (command !== 'start_capture' || timer) return
  sequence = 0
  timer = setInterval(sendNext, 100)
})
socket.on('close', () => clearInterval(timer))
