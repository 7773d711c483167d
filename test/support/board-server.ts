/** A bare server that boards connect to: it answers nothing, and keeps what comes. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { until } from './until.ts'

/** One connection as the server sees it. */
export interface ConnectedBoard {
  socket: WebSocket
  /** Path and query of its address. */
  path: string
  texts: string[]
  /** Binary messages. */
  pictures: Buffer[]
  closeCode: number | undefined
}

/** Listens until the test ends. */
export async function startBoardServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  /** In the order in which they came. */
  const boards: ConnectedBoard[] = []
  server.on('connection', (socket, { url: path = '' }) => {
    const board: ConnectedBoard = { socket, path, texts: [], pictures: [], closeCode: undefined }
    boards.push(board)
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) board.pictures.push(data)
      else board.texts.push(String(data))
    })
    socket.on('close', (code) => {
      board.closeCode = code
    })
  })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const board = (index: number) => until(`board ${index}`, () => boards[index])
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, boards, board }
}
