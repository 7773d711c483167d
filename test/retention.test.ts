/** Retention in a real server process, beside phones that record. */

import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { ServerProcess } from './support/process.ts'
import { foldersOf, StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

it('removes a recording after its close, and leaves alone one that is open and one that is starred', async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--keep-bytes', '1'])
  const [first, second, third] = await Promise.all(
    Array.from({ length: 3 }, () => StreamingPhone.connect(server.port)),
  )
  for (const phone of [first!, second!, third!]) phone.start()
  await until('three recordings', async () => (await recordingsIn(data)).length === 3)
  const [starred] = await foldersOf(data, second!)
  await writeFile(join(starred!, 'starred'), '')
  const [gone] = await foldersOf(data, first!)
  second!.stop()
  await until('a close', async () => (await documentIn(starred!).catch(() => undefined))?.state === 'closed')
  first!.stop()
  const removed = new RegExp(
    `recording ${basename(gone!)} removed \\(all together took more than keepBytes 1, bytes \\d+\\)`,
  )
  await server.says(removed)
  await third!.phone.acknowledged()
  expect(await foldersOf(data, first!)).toEqual([])
  const [open] = await foldersOf(data, third!)
  expect(await recordingsIn(data)).toEqual([starred, open].sort())
  await writeFile(join(open!, 'starred'), '')
  third!.stop()
  expect(await server.end('SIGTERM')).toBe(0)
  for (const [folder, phone] of [
    [starred!, second!],
    [open!, third!],
  ] as const) {
    expect(await verifyFolder(folder)).toEqual([])
    expect((await documentIn(folder)).pictures).toBe(phone.sent.length - 1)
  }
})
