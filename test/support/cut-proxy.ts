/** A way between phone and server that can be cut, and held: nothing goes through any more, and nobody is told. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface CutProxy {
  port: number
  /** From here on bytes are lost both ways; every connection stays open. */
  cut: () => void
  /** New connections go through again; those that were cut stay dead. */
  mend: () => void
  /** Bytes wait from here on, both ways, until `release`: as in Wi-Fi that is gone for a moment. */
  hold: () => void
  release: () => void
}

/** Forwards to the port until it is cut. */
export async function cutProxy(port: number): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  const dead = new Set<Socket>()
  let isCut = false
  let isHeld = false
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      if (isCut) dead.add(from)
      from.on('data', (data) => dead.has(from) || to.write(data))
      from.on('close', () => {
        sockets.delete(from)
        if (!dead.has(from)) to.destroy()
      })
      from.on('error', () => {})
      if (isHeld) from.pause()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      for (const socket of sockets) dead.add(socket)
    },
    mend: () => {
      isCut = false
    },
    hold: () => {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    release: () => {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
  }
}
