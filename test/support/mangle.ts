/** A recording's folder, and what may happen to it on the disk. */

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { ProtocolError, RequestError, StorageError } from '../../src/errors.ts'
import { testPictures } from './ffmpeg.ts'
import { recordingsIn } from './folders.ts'
import { scanFile } from './mp4.ts'
import { TestPhone } from './phone.ts'
import { startServer } from './server.ts'
import { until } from './until.ts'

/** Pictures of the recording, in two parts. */
export const PICTURES = 24

/** A folder's files, by name. */
export type Files = Map<string, Buffer>

/** A folder as a crash leaves it, and as it is when it is closed. */
export async function recorded(): Promise<{ id: string; growing: Files; closed: Files }> {
  const { port, data, server } = await startServer({ fragmentMs: 100, thumbnails: false })
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  // The clock jumps: two parts.
  for (const [i, payload] of (await testPictures(PICTURES, '64x48')).entries())
    phone.packet(5000 + i * 60 + (i < 10 ? 0 : 3_600_000), payload)
  const folder = await until('every picture on the disk', async () => {
    const [found] = await recordingsIn(data)
    const last = found && (await scanFile(join(found, 'stream.2.mp4')).catch(() => undefined))
    return last && last.samples === PICTURES - 10 && found
  })
  const growing = await filesIn(folder)
  phone.status('capture_stopped')
  await phone.acknowledged()
  await server.close()
  return { id: basename(folder), growing, closed: await filesIn(folder) }
}

async function filesIn(folder: string): Promise<Files> {
  const files: Files = new Map()
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)))
  return files
}

/** What may happen to a file; places are shares of its length. */
export interface Harm {
  kind: 'gone' | 'cut' | 'overwritten' | 'inserted'
  at: number
  bytes: Uint8Array
}

const share = fc.double({ min: 0, max: 1, noNaN: true })
/** Numbers that sizes and counts turn bad by are frequent. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 12 }),
  fc.nat(5000).map((length) => new Uint8Array(length)),
  fc.constantFrom(...['00000000', '00000001', '7fffffff', 'ffffffff'].map((hex) => Buffer.from(hex, 'hex'))),
)
const harm: fc.Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom('gone', 'cut', 'cut', 'overwritten', 'overwritten', 'inserted'),
  at: share,
  bytes,
})
/** What happens to a folder: files, and a harm to each. */
export const harms = fc.array(
  fc.tuple(
    fc.constantFrom(
      'stream.mp4',
      'stream.mp4',
      'stream.2.mp4',
      'stream.h264',
      'frames.csv',
      'recording.json',
    ),
    harm,
  ),
  { minLength: 1, maxLength: 4 },
)

/** Makes the folder anew, with these files. */
export async function write(folder: string, files: Files): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  for (const [name, content] of files) await writeFile(join(folder, name), content)
}

/** Does one harm to a file, if it is there. */
export async function damage(path: string, how: Harm): Promise<void> {
  const content = await readFile(path).catch(() => undefined)
  if (content === undefined) return
  if (how.kind === 'gone') return rm(path)
  const at = Math.floor(how.at * content.length)
  const [before, after] = [content.subarray(0, at), content.subarray(at)]
  const { kind, bytes } = how
  const rest = kind === 'cut' ? [] : [bytes, kind === 'inserted' ? after : after.subarray(bytes.length)]
  await writeFile(path, Buffer.concat([before, ...rest]))
}

/** What it gives; undefined when it refuses with an error that we foresaw. */
export async function known<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    const foreseen = [ProtocolError, RequestError, StorageError].some((kind) => error instanceof kind)
    if (!foreseen) throw error
    return undefined
  }
}
