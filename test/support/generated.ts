/** Folders of recordings that were never recorded: for lists, where only recording.json counts. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDocument, type RecordingDocument } from '../../src/recording/document.ts'
import { folderStamp } from '../../src/time.ts'

const FIRST_MS = Date.UTC(2026, 0, 5, 8)
const NO_FAULTS: RecordingDocument['integrity'] = {
  packets: 1,
  malformed: 0,
  notH264: 0,
  configurationPackets: 1,
  missing: 0,
  repeated: 0,
  outOfOrder: 0,
  sequenceRestarts: 0,
  backwardTimes: 0,
  equalTimes: 0,
  picturesBeforeKeyframe: 0,
  missingAt: [],
  gaps: [],
  gapCount: 0,
  clockJumps: [],
}

export interface Generated {
  camera?: string
  model?: string | null
  take?: string | null
  state?: RecordingDocument['state']
  startedAtMs?: number
  durationMs?: number
  /** Content of stream.mp4. */
  film?: string
}

/** Makes one. @returns Its id. */
export async function generateRecording(data: string, index: number, facts: Generated = {}): Promise<string> {
  const { camera = `10.0.0.${index % 7}_4${1000 + (index % 7)}`, film = 'x'.repeat(1 + (index % 50)) } = facts
  const { startedAtMs = FIRST_MS + index * 61_000, durationMs = 1000 * (1 + (index % 90)) } = facts
  const id = `${camera}_${folderStamp(startedAtMs)}`
  const document = makeDocument({
    id,
    camera,
    device: { model: facts.model ?? null, address: '10.0.0.1', path: '/android-cam' },
    take: facts.take ?? null,
    state: facts.state ?? 'closed',
    startedAtMs,
    endedAtMs: startedAtMs + durationMs,
    profile: 'baseline',
    bytes: film.length,
    rate: { fps: 30, source: 'arrival' },
    integrity: NO_FAULTS,
    parts: [
      {
        file: 'stream.mp4',
        codec: 'avc1.42C01F',
        width: 1280,
        height: 720,
        pictures: 30,
        keyframes: 1,
        bytes: film.length,
        durationMs,
        firstCaptureMs: 0,
      },
    ],
    errors: [],
  })
  const folder = join(data, id)
  await mkdir(folder)
  await writeFile(join(folder, 'recording.json'), JSON.stringify(document))
  await writeFile(join(folder, 'stream.mp4'), film)
  return id
}

/** Makes many. @returns Their ids, the oldest first. */
export async function generateRecordings(data: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < count; from += 100) {
    const indexes = Array.from({ length: Math.min(100, count - from) }, (_, i) => from + i)
    ids.push(...(await Promise.all(indexes.map((index) => generateRecording(data, index)))))
  }
  return ids
}
