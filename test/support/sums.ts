/** A recording of protocol 2 in which nothing is missing. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { documentIn, rowsIn } from './folders.ts'
import { until } from './until.ts'

/**
 * Closed: every number once from 0 on, nothing missing, each payload as the encoder gave it.
 *
 * @param sums - SHA-256 of the payloads, by sequence number; of the last ones there may be none.
 * @param count - Pictures in all.
 */
export async function expectWholeRecording(
  folder: string,
  sums: string[],
  count = sums.length,
): Promise<void> {
  await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  const { integrity } = await documentIn(folder)
  expect([integrity.missing, integrity.repeated, integrity.outOfOrder]).toEqual([0, 0, 0])
  const rows = await rowsIn(folder)
  expect(rows.map(([sequence]) => Number(sequence))).toEqual(Array.from({ length: count }, (_, i) => i))
  const stream = await readFile(join(folder, 'stream.h264'))
  let at = 0
  const got = rows.map((row) => {
    const bytes = Number(row[4])
    at += bytes
    return createHash('sha256')
      .update(stream.subarray(at - bytes, at))
      .digest('hex')
  })
  expect(got.slice(0, sums.length)).toEqual(sums)
  expect(await verifyFolder(folder)).toEqual([])
}
