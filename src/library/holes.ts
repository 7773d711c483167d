/**
 * What is no whole fragment between whole ones becomes a `free` box, so that those behind it stay.
 *
 * A power cut leaves such holes: a file system may have written what came last and not what came ahead of it.
 */

import type { FileHandle } from 'node:fs/promises'
import { ProtocolError } from '../errors.ts'
import { BOX_HEADER_BYTES, boxHeader, fourCc } from '../mp4/boxes.ts'
import { nextFragment, type ScannedFragment } from '../mp4/scan.ts'
import { type ScannedPart, scanPart, windowed } from './part-file.ts'
import { LastFragments } from './torn.ts'

/** Holes beyond this many are not searched behind: the file is cut there. */
const MAX_HOLES = 100
/** The size of a box is of 32 bits. */
const MAX_HOLE_BYTES = 2 ** 32 - 1
const FREE = fourCc('free')

/**
 * Scans a part that is to be closed, around what is not whole.
 *
 * @throws {ProtocolError} `MP4_INVALID` when its head or its first fragment is not whole: nothing else has its times.
 */
export async function scanAroundHoles(handle: FileHandle): Promise<ScannedPart> {
  for (let left = MAX_HOLES; ; left -= 1) {
    const last = new LastFragments()
    const part = await scanPart(handle, (fragment) => last.add(fragment))
    if (part.finished || left === 0 || !(await makeHoles(handle, part, last))) return part
  }
}

/** @returns Whether there was something to leave out. */
async function makeHoles(handle: FileHandle, part: ScannedPart, last: LastFragments): Promise<boolean> {
  const { head, table, wholeBytes, format } = part
  const read = windowed(handle)
  const torn: ScannedFragment[] = []
  for await (const fragment of last.torn(read, format.kind)) torn.push(fragment)
  if (table.samples === 0 || torn[0]?.startOffset === head.fragmentsOffset)
    throw new ProtocolError('MP4_INVALID', 'the first fragment of a stream.mp4 is not whole')
  // Its `mdat` is skipped with it.
  for (const { startOffset } of torn) await handle.write(FREE, 0, FREE.length, startOffset + 4)
  if (torn.length > 0) return true
  const next = await nextFragment(read, head, wholeBytes)
  const bytes = (next ?? wholeBytes) - wholeBytes
  if (bytes < BOX_HEADER_BYTES || bytes > MAX_HOLE_BYTES) return false
  await handle.write(boxHeader('free', bytes), 0, BOX_HEADER_BYTES, wholeBytes)
  return true
}
