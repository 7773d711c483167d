/** A recording of protocol 2 in which nothing is missing. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { frameMd5 } from './ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from './folders.ts'
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

/** The only recording of a data folder, closed and whole. @returns Its folder. */
export async function expectWhole(data: string, sums: string[], count = sums.length): Promise<string> {
  const folders = await recordingsIn(data)
  expect(folders).toHaveLength(1)
  await expectWholeRecording(folders[0]!, sums, count)
  return folders[0]!
}

/**
 * The folder of a capture. A server that was killed before it had written a picture leaves one without any: all of its
 * pictures are in the one that follows.
 */
export async function recordingOf(data: string, capture: string): Promise<string> {
  const folders = await recordingsIn(data)
  const documents = await Promise.all(folders.map(documentIn))
  const its = folders.filter((_, i) => documents[i]!.capture?.id === capture)
  const isEmpty = (folder: string) => {
    const { state, pictures } = documents[folders.indexOf(folder)]!
    return state === 'recovered' && pictures === 0
  }
  const folder = its.pop()
  if (folder === undefined) throw new Error(`nothing is recorded of ${capture}`)
  expect(its.filter((one) => !isEmpty(one))).toEqual([])
  return folder
}

/** Of a recording of one part that is whole: its film shows what the encoder's own packets decode to. */
export async function expectSamePictures(folder: string): Promise<void> {
  expect((await documentIn(folder)).parts).toHaveLength(1)
  const film = await frameMd5(join(folder, 'stream.mp4'))
  expect(film).toHaveLength((await rowsIn(folder)).length)
  // The payloads as they came: each was held against the encoder's by its checksum.
  expect(film).toEqual(await frameMd5(join(folder, 'stream.h264'), '-f', 'h264'))
}
