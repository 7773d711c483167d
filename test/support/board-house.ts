/** A server that boards connect to from addresses of their own, and what tests ask of it. */

import { onTestFinished } from 'vitest'
import { startApi } from './api.ts'
import { TestBoard } from './board.ts'

export const TWO = '127.0.0.2'
export const THREE = '127.0.0.3'

/** Ends when the test does. */
export async function house(options: Parameters<typeof startApi>[0] = {}) {
  const api = await startApi(options)
  const { port, server, ask } = api
  const board = async (more: Partial<Parameters<typeof TestBoard.connect>[0]> = {}) => {
    const one = await TestBoard.connect({ port, ...more })
    onTestFinished(() => one.socket.terminate())
    return one
  }
  const ids = () => server.cameras().map(({ id }) => id)
  const row = (id: string) => server.cameras().find((one) => one.id === id)
  const command = async (body: object) => (await ask('POST /api/commands', body)).body
  return { ...api, board, ids, row, command }
}
