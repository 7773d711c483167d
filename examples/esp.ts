/**
 * An ESP32 camera that sends the JPEG files of a folder, over and over, 15 a second once it is started.
 *
 *     npx tsx examples/esp.ts pictures ws://127.0.0.1:50001/esp
 *
 * Needs ws, which is there where Rollcall is. docs/esp32.md says what it speaks.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'

const [folder = 'pictures', url = 'ws://127.0.0.1:50001/esp'] = process.argv.slice(2)
const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'))
const pictures = names.sort().map((name) => readFileSync(join(folder, name)))
let sent = 0

function connect() {
  const socket = new WebSocket(url)
  let timer: NodeJS.Timeout | undefined
  socket.on('message', (text) => {
    // A real board reads what follows too: start UXGA 12.
    const [command] = String(text).split(' ')
    if (command === 'start' || command === 'stop') clearInterval(timer)
    if (command === 'start')
      timer = setInterval(() => socket.send(pictures[sent++ % pictures.length]!), 1000 / 15)
    socket.send(command === 'status' ? `STATUS: ${sent} pictures sent` : `ACK: ${text}`)
  })
  socket.on('error', (why) => console.log(why.message))
  socket.on('close', () => {
    clearInterval(timer)
    setTimeout(connect, 5000)
  })
}

connect()
