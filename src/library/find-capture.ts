/** Finds what an earlier process recorded of a capture that its phone still keeps (protocol 2). */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordingDocument } from '../recording/document.ts'
import { FOLDER_NAME, readDocument } from './recover.ts'

/** Of one camera so many of the newest folders are looked at. */
const MAX_FOLDERS = 20

/** @returns The newest recording of the capture; undefined when there is none. */
export async function findCapture(
  dataDir: string,
  camera: string,
  capture: string,
): Promise<{ folder: string; document: RecordingDocument } | undefined> {
  const names = await readdir(dataDir).catch(() => [])
  const its = names.filter((name) => FOLDER_NAME.exec(name)?.groups?.camera === camera).sort()
  for (const name of its.slice(-MAX_FOLDERS).reverse()) {
    const folder = join(dataDir, name)
    const document = await readDocument(folder)
    if (document?.capture?.id === capture) return { folder, document }
  }
  return undefined
}
