/** A way between phone and server that can be cut, held and made narrow; nobody is told. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface CutProxy {
  port: number
  /** From here on bytes are lost both ways; every connection stays open. */
  cut: () => void
  /** Every connection ends at once, and new ones are refused. */
  drop: () => void
  /** New connections go through again; those that were cut stay dead. */
  mend: () => void
  /** Bytes wait from here on, both ways, until `release`: as in Wi-Fi that is gone for a moment. */
  hold: () => void
  release: () => void
  /** So many bytes a second go from the phone to the server, about; `Infinity`: all. */
  narrow: (bytesPerSecond: number) => void
}

/** Forwards to the port until it is cut. */
export async function cutProxy(port: number): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  const dead = new Set<Socket>()
  let isCut = false
  let isRefused = false
  let isHeld = false
  let bytesPerSecond = Number.POSITIVE_INFINITY
  const server = createServer((near) => {
    if (isRefused) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      if (isCut) dead.add(from)
      from.on('data', (data) => {
        if (dead.has(from)) return
        to.write(data)
        if (from === near && Number.isFinite(bytesPerSecond)) rest(near, data.length)
      })
      from.on('close', () => {
        sockets.delete(from)
        if (!dead.has(from)) to.destroy()
      })
      from.on('error', () => {})
      if (isHeld) from.pause()
    }
  })
  /** For as long as so many bytes take. */
  const rest = (near: Socket, bytes: number) => {
    near.pause()
    setTimeout(() => isHeld || near.resume(), (bytes / bytesPerSecond) * 1000)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    endAll()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      for (const socket of sockets) dead.add(socket)
    },
    drop: () => {
      isRefused = true
      endAll()
    },
    mend: () => {
      isCut = isRefused = false
    },
    hold: () => {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    release: () => {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
    narrow: (most) => {
      bytesPerSecond = most
    },
  }
}
