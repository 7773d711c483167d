/**
 * A board that sends a number from 0 to 100 every two seconds; a JSON text with numbers in it does as well.
 *
 *     npx tsx examples/text.ts ws://127.0.0.1:50001/
 *
 * Needs ws, which is there where Rollcall is.
 */
import { WebSocket } from 'ws'

function connect() {
  const socket = new WebSocket(process.argv[2] ?? 'ws://127.0.0.1:50001/')
  let timer: NodeJS.Timeout | undefined
  socket.on('open', () => {
    timer = setInterval(() => socket.send(String(Math.floor(Math.random() * 101))), 2000)
  })
  socket.on('error', (why) => console.log(why.message))
  socket.on('close', () => {
    clearInterval(timer)
    setTimeout(connect, 5000)
  })
}

connect()
