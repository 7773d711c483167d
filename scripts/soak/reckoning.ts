/** Holds what was recorded against what the cameras sent, picture by picture. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyFolder } from '../../src/library/verify.ts'
import type { RecordingDocument } from '../../src/recording/document.ts'
import type { CaptureAccount } from '../../src/simulate/account.ts'
import { FPS } from './cameras.ts'

export interface Reckoning {
  recordings: number
  sent: number
  recorded: number
  /** Thrown away by the phones, and counted as missing by the server. */
  missing: number
  /** Sent last before a connection was cut, and never read: with the connection they are gone. */
  lostWithConnection: number
  /** What does not add up, in words. */
  wrong: string[]
}

/** Reads every recording of a data folder that is at rest. */
export async function reckon(data: string, captures: readonly CaptureAccount[]): Promise<Reckoning> {
  const recordings = new Map<string, { folder: string; document: RecordingDocument }[]>()
  const result: Reckoning = {
    recordings: 0,
    sent: 0,
    recorded: 0,
    missing: 0,
    lostWithConnection: 0,
    wrong: [],
  }
  for (const name of (await readdir(data)).sort()) {
    if (name.startsWith('.')) continue
    const folder = join(data, name)
    const document: RecordingDocument = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'))
    result.recordings += 1
    for (const { message } of await verifyFolder(folder)) result.wrong.push(`${name}: ${message}`)
    if (document.state !== 'closed') result.wrong.push(`${name} is ${document.state}`)
    if (picturesOf(document) === 0) continue
    const known = recordings.get(document.camera) ?? []
    recordings.set(document.camera, [...known, { folder, document }])
  }
  for (const list of recordings.values()) list.sort((a, b) => a.document.startedAtMs - b.document.startedAtMs)
  for (const capture of captures.filter(({ pictures }) => pictures > 0)) {
    const recording = recordings.get(capture.camera)?.shift()
    if (!recording) result.wrong.push(`${capture.camera}: ${capture.pictures} pictures were not recorded`)
    else await compare(capture, recording, result)
  }
  for (const left of [...recordings.values()].flat())
    result.wrong.push(`${left.document.id}: nobody sent this`)
  return result
}

function picturesOf({ pictures, integrity }: RecordingDocument): number {
  return pictures + integrity.picturesBeforeKeyframe
}

async function compare(
  capture: CaptureAccount,
  { folder, document }: { folder: string; document: RecordingDocument },
  result: Reckoning,
): Promise<void> {
  const { integrity, id } = document
  const recorded = picturesOf(document)
  // The configuration packet has number 0, the pictures the numbers behind it.
  const last = await lastSequence(folder)
  const dropped = capture.droppedSequences.filter((sequence) => sequence < last).length
  const tail = capture.pictures - recorded
  result.sent += capture.pictures
  result.recorded += recorded
  result.missing += integrity.missing
  result.lostWithConnection += tail
  if (recorded + dropped !== last)
    result.wrong.push(`${id}: ${recorded} pictures and ${dropped} thrown away are not ${last}`)
  // Before the first picture that came nothing is known to be missing.
  const first = capture.droppedSequences.findIndex((sequence, i) => sequence !== i + 1)
  const ahead = first === -1 ? capture.droppedSequences.length : first
  if (integrity.missing !== dropped - ahead && integrity.missing !== dropped)
    result.wrong.push(`${id}: ${integrity.missing} missing, ${dropped} were thrown away`)
  if (tail < 0 || (capture.ended !== 'cut' && tail > 0) || tail > FPS)
    result.wrong.push(`${id}: ${capture.pictures} sent, ${recorded} recorded (${capture.ended})`)
  if (integrity.repeated + integrity.outOfOrder + integrity.malformed > 0)
    result.wrong.push(`${id}: pictures came twice or in disorder`)
}

async function lastSequence(folder: string): Promise<number> {
  const rows = (await readFile(join(folder, 'frames.csv'), 'utf8')).trimEnd().split('\n')
  return Number(rows.at(-1)?.split(',')[0])
}
