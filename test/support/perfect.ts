/** A recording that is held against all that its phone sent. */

import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { documentIn, rowsIn } from './folders.ts'
import { expectPicturesPrefix, expectRawPrefix, foldersOf, type StreamingPhone } from './streaming.ts'
import { until } from './until.ts'

/**
 * Stops the phone and waits for its recording: every byte and every picture that was sent, and nothing else.
 *
 * @returns How many pictures, and by how much more than the quickest one the slowest took to arrive, in ms.
 */
export async function expectPerfect(
  data: string,
  phone: StreamingPhone,
): Promise<{ pictures: number; delayMs: number }> {
  phone.stop()
  const folder = await until('the closed recording', async () => {
    const [found] = await foldersOf(data, phone)
    const document = found && (await documentIn(found).catch(() => undefined))
    return document && document.state !== 'recording' && found
  })
  const pictures = phone.sent.length - 1
  expect(await documentIn(folder)).toMatchObject({
    state: 'closed',
    pictures,
    errors: [],
    integrity: { packets: phone.sent.length, missing: 0, malformed: 0, notH264: 0, repeated: 0 },
  })
  const rawBytes = phone.sent.reduce((sum, { payload }) => sum + payload.length, 0)
  expect(await expectRawPrefix(folder, phone.sent)).toBe(rawBytes)
  await expectPicturesPrefix(folder, phone.sent)
  expect(await verifyFolder(folder)).toEqual([])
  const delays = (await rowsIn(folder)).map(
    ([, captureMs, arrivalMs]) => Number(arrivalMs) - Number(captureMs),
  )
  return { pictures, delayMs: Math.max(...delays) - Math.min(...delays) }
}

/** What a process holds in memory, in bytes (Linux). */
export async function residentBytes(pid: number): Promise<number> {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))!
  return Number(kib) * 1024
}
