/** Many connections that send nothing, from many addresses: `node silent-crowd.mjs PORT COUNT ADDRESSES`. */

import { connect } from 'node:net'

const [port, count, addresses] = process.argv.slice(2).map(Number)
/** Handshakes under way at once. */
const AT_ONCE = 200

let begun = 0
let connected = 0
let ended = 0
let failed = 0

function next() {
  if (begun === count) return
  const localAddress = `127.0.1.${1 + (begun % addresses)}`
  begun += 1
  let isConnected = false
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('connect', () => {
    isConnected = true
    connected += 1
    next()
    say()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    if (isConnected) ended += 1
    else {
      failed += 1
      next()
    }
    say()
  })
  socket.resume()
}

function say() {
  if (connected + failed === count) console.log(JSON.stringify({ connected, ended, failed }))
}

for (let i = 0; i < AT_ONCE; i += 1) next()
