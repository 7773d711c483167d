/** How a real server ends: by signals, by `quit`, and not by the end of its input. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { hasPictures } from './support/mp4.ts'
import { ServerProcess } from './support/process.ts'
import { expectPicturesPrefix, expectTimesPrefix, foldersOf, StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

const LAST_PICTURES = 7

/** A server with phones that record, each with something in its stream.mp4. */
async function recording(count: number, ...args: string[]) {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data, ...args])
  const phones = await Promise.all(Array.from({ length: count }, () => StreamingPhone.connect(server.port)))
  for (const phone of phones) phone.start()
  const hasMp4 = async () => {
    const folders = await recordingsIn(data)
    const have = await Promise.all(folders.map((folder) => hasPictures(join(folder, 'stream.mp4'))))
    return have.length === count && have.every(Boolean)
  }
  await until('pictures in every stream.mp4', hasMp4)
  return { data, server, phones }
}

/** Does what stop_capture asks: the last pictures, then the word that it has stopped. */
async function obeyStop(phone: StreamingPhone): Promise<void> {
  await phone.phone.command('stop_capture')
  phone.pause()
  for (let i = 0; i < LAST_PICTURES; i += 1) phone.next()
  phone.stop()
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'quit'] as const)('a server ended by %s', (how) => {
  it('records the last pictures of every phone, closes all and exits with 0', async () => {
    const { data, server, phones } = await recording(2)
    const stopped = phones.map(obeyStop)
    if (how === 'quit') server.type('quit')
    else server.child.kill(how)
    await Promise.all(stopped)
    expect((await server.ended).code).toBe(0)
    for (const phone of phones) {
      const [folder] = await foldersOf(data, phone)
      expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: phone.sent.length - 1 })
      expect(await expectTimesPrefix(folder!, phone.sent)).toBe(phone.sent.length - 1)
      expect(await verifyFolder(folder!)).toEqual([])
    }
  })
})

it('waits no longer than it may for a phone that never answers, and closes its recording', async () => {
  const { data, server, phones } = await recording(1, '--stop-wait-ms', '200')
  expect(await server.end('SIGTERM')).toBe(0)
  phones[0]!.pause()
  const [folder] = await recordingsIn(data)
  expect(await documentIn(folder!)).toMatchObject({ state: 'closed', integrity: { missing: 0 } })
  await expectPicturesPrefix(folder!, phones[0]!.sent)
  expect(await verifyFolder(folder!)).toEqual([])
})

it.each(['SIGINT', 'SIGTERM'] as const)(
  'ends at once by a second %s, with an exit code that is not 0 and files that play',
  async (signal) => {
    const { data, server, phones } = await recording(2, '--stop-wait-ms', '60000')
    server.child.kill(signal)
    await Promise.all(phones.map(({ phone }) => phone.command('stop_capture')))
    await server.says(/once more ends at once/)
    const code = await server.end(signal)
    expect(code).not.toBe(0)
    expect(code).not.toBeNull()
    for (const phone of phones) {
      phone.pause()
      const [folder] = await foldersOf(data, phone)
      const samples = await expectTimesPrefix(folder!, phone.sent)
      expect(samples).toBeGreaterThan(0)
      expect((await recoverFolder(folder!, 10_000)).document.pictures).toBe(samples)
      await expectPicturesPrefix(folder!, phone.sent)
    }
  },
)

it('ends at once by a signal after quit', async () => {
  const { server, phones } = await recording(1, '--stop-wait-ms', '60000')
  server.type('quit')
  await phones[0]!.phone.command('stop_capture')
  expect(await server.end('SIGINT')).not.toBe(0)
})

it('goes on when its standard input ends', async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data])
  server.child.stdin!.end()
  const phone = await StreamingPhone.connect(server.port)
  phone.start()
  await until('a recording', async () => (await recordingsIn(data)).length === 1)
  phone.stop()
  await server.says(/recording \S+ closed/)
  const newcomer = await StreamingPhone.connect(server.port)
  newcomer.start()
  await newcomer.phone.acknowledged()
  newcomer.stop()
  expect(await server.end('SIGTERM')).toBe(0)
  for (const sender of [phone, newcomer]) {
    const [folder] = await foldersOf(data, sender)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: sender.sent.length - 1 })
  }
})
