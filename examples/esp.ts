/**
 * An ESP32 camera that sends the JPEG files of a folder, over and over, 15 a second once it is started.
 *
 *     npx tsx examples/esp.ts pictures ws://127.0.0.1:50001/esp
 *
 * Needs ws, which is there where Rollcall is. docs/esp32.md says what it speaks.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

const [folder = 'pictures', url = 'ws://127.0.0.1:50001/esp'] = process.argv.slice(2)
const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'))
const pictures = names.sort().map((name) => readFileSync(`${folder}/${name}`))
let sent = 0

function connect() {
  const socket = new WebSocket(url)
  const sendNext = () => socket.send(pictures[sent++ % pictures.length]!)
  let timer: NodeJS.Timeout | undefined
  socket.on('message', (text) => {
    const [command] = String(text).split(' ') // a real board reads what follows too: start UXGA 12
    if (command === 'start' || command === 'stop') clearInterval(timer)
    if (command === 'start') timer = setInterval(sendNext, 1000 / 15)
    socket.send(command === 'status' ? `STATUS: ${sent} pictures sent` : `ACK: ${text}`)
  })
  socket.on('error', (why) => console.log(why.message))
  socket.on('close', () => {
    clearInterval(timer)
    setTimeout(connect, 5000)
  })
}

connect()
