/** Temporary folders, and recordings found in them. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { RecordingDocument } from '../../src/recording/document.ts'

/** An empty folder that goes when the test ends. */
export async function temporaryFolder(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'rollcall-test-'))
  // A killed server's ffmpeg may still write.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** recording.json of a recording, as plain JSON. */
export async function documentIn(folder: string): Promise<RecordingDocument> {
  return JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'))
}

/** Beside recordings: pictures of boards, numbers of devices. */
const OTHERS = new Set(['images', 'devices'])

/** Full paths of the recordings' folders, in order of their names; the server's own folder, `.rollcall`, is none. */
export async function recordingsIn(dataDir: string): Promise<string[]> {
  const entries = await readdir(dataDir, { withFileTypes: true })
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !OTHERS.has(entry.name),
  )
  return folders.map(({ name }) => join(dataDir, name)).sort()
}

/** Rows of a frames.csv, header left out. */
export async function rowsIn(folder: string): Promise<string[][]> {
  const lines = (await readFile(join(folder, 'frames.csv'), 'utf8')).trimEnd().split('\n')
  return lines.slice(1).map((line) => line.split(','))
}
