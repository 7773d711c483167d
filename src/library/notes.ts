/** What people say of a recording: title and note in `notes.json`, the star as an empty file. They stand in its folder. */

import { lstat, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { saveAtomically, syncDirectory } from './atomic-file.ts'
import { FILES } from './file-names.ts'

/** One that is larger is not ours. */
const MAX_BYTES = 64 * 1024

const notesSchema = z.object({
  title: z.string().nullable().default(null),
  note: z.string().nullable().default(null),
})

export type Notes = z.infer<typeof notesSchema>

const NONE: Notes = { title: null, note: null }

/** Title and note of a folder; both null when there is no notes.json, or none that can be read. */
export async function readNotes(folder: string): Promise<Notes> {
  const path = join(folder, FILES.notes)
  try {
    const found = await lstat(path)
    if (!found.isFile() || found.size > MAX_BYTES) return NONE
    return notesSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return NONE
  }
}

/** Writes some of them; what is left out stays. An empty text takes it away. */
export async function writeNotes(
  folder: string,
  change: { title?: string | null | undefined; note?: string | null | undefined },
): Promise<void> {
  const before = await readNotes(folder)
  const { title = before.title, note = before.note } = change
  const after: Notes = { title: title || null, note: note || null }
  if (after.title === before.title && after.note === before.note) return
  await saveAtomically(folder, FILES.notes, `${JSON.stringify(after, null, 2)}\n`)
}

/** Sets or takes away the star: while it is there, retention leaves the recording alone. */
export async function writeStar(folder: string, star: boolean): Promise<void> {
  const path = join(folder, FILES.star)
  if (star) await (await open(path, 'a')).close()
  else await rm(path, { force: true })
  await syncDirectory(folder)
}
