/** What the recording of a phone that keeps its pictures must be: every one once, at its time, as it was taken. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import type { RecordingDocument } from '../../src/recording/document.ts'
import { frameMd5, probePackets } from './ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './folders.ts'
import type { KeepingPhone } from './keeping-phone.ts'
import { until } from './until.ts'

/** Waits until the only recording of the phone is closed, and holds it against what was taken. */
export async function expectWhole(data: string, phone: KeepingPhone): Promise<RecordingDocument> {
  const its = (await recordingsIn(data)).filter((folder) => folder.includes(`/${phone.id}_`))
  // A server that was killed as it made a folder leaves an empty one.
  const documents = await Promise.all(its.map(documentIn))
  const isEmpty = ({ state, pictures }: RecordingDocument) => state === 'recovered' && pictures === 0
  const folders = its.filter((_, i) => !isEmpty(documents[i]!))
  expect(folders).toHaveLength(1)
  const folder = folders[0]!
  await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  const document = await documentIn(folder)
  const { pictures } = phone
  const { integrity } = document
  expect(document.pictures).toBe(pictures.length)
  expect([integrity.missing, integrity.repeated, integrity.outOfOrder]).toEqual([0, 0, 0])
  const rows = (await readFile(join(folder, 'frames.csv'), 'utf8')).trim().split('\n').slice(1)
  expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(pictures.map(({ sequence }) => sequence))
  const sent = Buffer.concat(pictures.map(({ payload }) => payload))
  expect((await readFile(join(folder, 'stream.h264'))).equals(sent)).toBe(true)
  expect(document.parts).toHaveLength(1)
  const film = join(folder, 'stream.mp4')
  const times = (await probePackets(film)).map(({ ptsMs }) => Math.round(ptsMs))
  const taken = pictures.map(({ captureUs }) => Math.round((captureUs - pictures[0]!.captureUs) / 1000))
  expect(times).toEqual(taken)
  expect(await verifyFolder(folder)).toEqual([])
  const original = join(await temporaryFolder(), 'sent.h264')
  await writeFile(original, sent)
  expect(await frameMd5(film)).toEqual(await frameMd5(original, '-f', 'h264'))
  return document
}
