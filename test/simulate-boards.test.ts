/** `rollcall simulate --kind esp` and `--kind number` as processes, against a bare server that plays the console. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { SimulatorAccount } from '../src/simulate/account.ts'
import { type ConnectedBoard, startBoardServer } from './support/board-server.ts'
import { probe } from './support/ffmpeg.ts'
import { temporaryFolder } from './support/folders.ts'
import { RollcallProcess } from './support/process.ts'
import { until } from './support/until.ts'

/** Tells a board something, and gives its next answer. */
async function told(board: ConnectedBoard, command: string): Promise<string> {
  const before = board.texts.length
  board.socket.send(command)
  return until(`an answer to ${command}`, () => board.texts[before])
}

it('boards push JPEGs of the size they are asked for, stop, and are back after a cut; others send numbers', async () => {
  const { url, boards, board } = await startBoardServer()
  const talkers = await startBoardServer()
  const number = ['--kind', 'number', '--interval', '0.02', '--cameras', '1', '--url', `${talkers.url}/`]
  const numbers = new RollcallProcess(['simulate', ...number])
  const folder = await temporaryFolder()
  const [picture, json] = [join(folder, 'picture.jpg'), join(folder, 'account.json')]
  const esp = ['--kind', 'esp', '--url', `${url}/esp?id=bench-{n}`, '--json', json]
  const simulator = new RollcallProcess(['simulate', ...esp, '--cameras', '1'])
  await simulator.says(/boards connected: 1/)
  const first = await board(0)
  expect(first).toMatchObject({ path: '/esp?id=bench-1', texts: [], pictures: [] })
  expect(await told(first, 'start UXGA 12')).toBe('ACK: 开始采集，分辨率 UXGA，质量 12')
  await until('pictures', () => first.pictures.length >= 3)
  await writeFile(picture, first.pictures[2]!)
  const { streams } = await probe(picture)
  expect(streams).toMatchObject([{ codec_name: 'mjpeg', width: 1600, height: 1200 }])
  expect(first.pictures[2]!.equals(first.pictures[1]!)).toBe(false)
  expect(await told(first, 'stop')).toBe('ACK: 停止采集')
  const sent = first.pictures.length
  expect(await told(first, 'status')).toBe(`STATUS: 未采集，分辨率 UXGA，质量 12，已发送 ${sent} 帧`)
  expect(first.pictures).toHaveLength(sent)
  expect(await told(first, 'start QQVGA')).toMatch(/^ACK: /)
  await until('small pictures', () => first.pictures.length > sent)
  first.socket.terminate()
  await simulator.says(/ s {2}1 not connected {2}0 of 1 capture {2}\d+ pictures/)
  // Until it is back, the other one: whole numbers from 0 to 100.
  const { texts } = await talkers.board(0)
  await until('numbers', () => texts.length >= 5)
  expect(await numbers.end('SIGTERM')).toBe(0)
  for (const text of texts) expect(text).toMatch(/^(\d{1,2}|100)$/)
  expect(numbers.stdout).toMatch(new RegExp(`^Board 1 +1 +${texts.length} `, 'm'))
  const second = await board(1)
  // Idle: a board captures only when it is told to.
  expect(await told(second, 'status')).toMatch(/^STATUS: 未采集，分辨率 QQVGA/)
  expect(second.pictures).toEqual([])
  await told(second, 'start')
  await until('pictures', () => second.pictures.length >= 2)
  expect(await simulator.end('SIGINT')).toBe(0)
  expect(boards).toHaveLength(2)
  const account: SimulatorAccount = JSON.parse(await readFile(json, 'utf8'))
  expect(account.boards).toMatchObject([
    {
      id: 'bench-1',
      connections: 2,
      captures: [
        { resolution: 'UXGA', quality: 12, source: 'ffmpeg', width: 1600, pictures: sent, ended: 'stopped' },
        { resolution: 'QQVGA', quality: 12, height: 120, ended: 'connection-lost' },
        { resolution: 'QQVGA', pictures: second.pictures.length, ended: 'stopped' },
      ],
    },
  ])
  expect(simulator.stdout).toMatch(/^bench-1 .* UXGA .* stopped$/m)
})
