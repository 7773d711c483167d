/** What phones can cause at will makes few lines of a real server's log. */

import { expect, it } from 'vitest'
import { temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'

const TIMES = 10_000
const ERRORS = 50

it('a phone that sends ten thousand malformed packets and ten thousand texts makes few lines, with their counts', async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--log-format', 'json'])
  const phone = await TestPhone.connect(server.port)
  for (let i = 0; i < TIMES; i += 1) {
    phone.binary(Buffer.from('no frame packet'))
    phone.text(`text ${i}`)
    if (i % 500 === 0) await phone.acknowledged()
  }
  for (let i = 0; i < ERRORS; i += 1) phone.status('error', `error ${i}`)
  await phone.acknowledged()
  await phone.close()
  expect(await server.end('SIGTERM')).toBe(0)
  const lines = server.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  expect(lines.length).toBeLessThan(200)
  const counted = (part: string) =>
    lines.filter(({ msg }) => msg.includes(part)).reduce((sum, { times = 1 }) => sum + times, 0)
  const leftOut = lines.reduce((sum, { texts = 0 }) => sum + texts, 0)
  expect(counted('dropped a packet')).toBe(TIMES)
  expect(counted('says') - counted('says too much') + leftOut).toBe(TIMES)
  expect(counted('the camera reports')).toBe(ERRORS)
})

it('a phone that connects a hundred times with the same fault makes few lines of it', async () => {
  const { port, lines, server } = await startServer({ thumbnails: false })
  for (let i = 0; i < 100; i += 1) {
    const phone = await TestPhone.connect(port)
    phone.binary(Buffer.from('no frame packet'))
    await phone.acknowledged()
    await phone.close()
  }
  await server.close()
  const told = lines.filter((line) => line.includes('dropped a packet'))
  expect(told.length).toBeLessThan(10)
  const times = told.map((line) => Number(/\btimes (\d+)\b/.exec(line)?.[1] ?? 1))
  expect(times.reduce((sum, each) => sum + each)).toBe(100)
})
