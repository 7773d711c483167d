/** Folders of recordings whose files are damaged by a seed: recovery and verification come to an end with them. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { findLeftBehind, recoverFolder } from '../../src/library/recover.ts'
import { verifyFolder } from '../../src/library/verify.ts'
import { recordingDocumentSchema } from '../../src/recording/document.ts'
import { documentIn, temporaryFolder } from '../support/folders.ts'
import { FUZZ_TIMEOUT_MS, fuzz, Mutator } from '../support/fuzz.ts'
import { known, recorded, write } from '../support/mangle.ts'

const MAX_GAP_MS = 10_000
/** Files that live in memory, where the system has such a folder: no disk to wait for. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined
const NAMES = ['stream.mp4', 'stream.2.mp4', 'stream.h264', 'frames.csv', 'recording.json']

it(
  'a damaged folder is verified with or without a word, recovered, and then sound',
  async () => {
    const random = new Mutator(51)
    const { id, growing, closed } = await recorded()
    const folder = join(await temporaryFolder(MEMORY), basename(id))
    await fuzz(
      'folders on the disk',
      () => {
        const files = new Map(random.of([growing, closed]))
        for (let i = 1 + random.below(3); i > 0; i -= 1) {
          const name = random.of(NAMES)
          files.set(name, Buffer.from(random.harm(files.get(name)!, [...files.values()])))
        }
        return files
      },
      async (files) => {
        await write(folder, files)
        await known(verifyFolder(folder))
        await known(findLeftBehind(join(folder, '..')))
        const { document } = await recoverFolder(folder, MAX_GAP_MS)
        expect(recordingDocumentSchema.parse(await documentIn(folder))).toEqual(document)
        // Only what the pictures themselves hold cannot be mended.
        const left = await verifyFolder(folder)
        expect(left.filter(({ invariant }) => invariant !== 5)).toEqual([])
      },
    )
  },
  FUZZ_TIMEOUT_MS,
)
