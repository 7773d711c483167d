/**
 * A board that sends a number from 0 to 100 every two seconds; a JSON text with numbers in it does as well.
 *
 *     npx tsx examples/text.ts ws://127.0.0.1:50001/
 *
 * Needs ws, which is there where Rollcall is.
 */
import { WebSocket } from 'ws'

const socket = new WebSocket(process.argv[2] ?? 'ws://127.0.0.1:50001/')
const send = () => socket.send(String(Math.floor(Math.random() * 101)))
socket.on('open', () => {
  send()
  const timer = setInterval(send, 2000)
  socket.on('close', () => clearInterval(timer))
})
