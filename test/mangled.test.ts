/** Recovery and verification of folders that anything may have happened to. */

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError, RequestError, StorageError } from '../src/errors.ts'
import { findLeftBehind, recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { recordingDocumentSchema } from '../src/recording/document.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { scanFile } from './support/mp4.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const PICTURES = 24
const MAX_GAP_MS = 10_000
const RUNS = 250

type Files = Map<string, Buffer>

/** A folder as a crash leaves it, and as it is when it is closed. */
async function recorded(): Promise<{ id: string; growing: Files; closed: Files }> {
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
interface Harm {
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
const harms = fc.array(
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

async function write(folder: string, files: Files): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  for (const [name, content] of files) await writeFile(join(folder, name), content)
}

async function damage(path: string, how: Harm): Promise<void> {
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
async function known<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    const foreseen = [ProtocolError, RequestError, StorageError].some((kind) => error instanceof kind)
    if (!foreseen) throw error
    return undefined
  }
}

describe('a folder that was damaged at random', () => {
  it.each(['growing', 'closed'] as const)(
    'is verified with or without a word, and recovered: %s',
    async (state) => {
      const base = await recorded()
      const folder = join(await temporaryFolder(), base.id)
      await fc.assert(
        fc.asyncProperty(harms, async (all) => {
          await write(folder, base[state])
          for (const [name, how] of all) await damage(join(folder, name), how)
          await known(verifyFolder(folder))
          await known(findLeftBehind(join(folder, '..')))
          const { document } = await recoverFolder(folder, MAX_GAP_MS)
          expect(recordingDocumentSchema.parse(await documentIn(folder))).toEqual(document)
          expect(document).toMatchObject({ id: base.id, state: 'recovered' })
          // Only what the pictures themselves hold cannot be mended.
          const left = await verifyFolder(folder)
          expect(left.filter(({ invariant }) => invariant !== 5)).toEqual([])
          expect((await recoverFolder(folder, MAX_GAP_MS)).document).toEqual(document)
        }),
        { seed: 16, numRuns: RUNS },
      )
    },
  )

  it('keeps what lies before the damage', async () => {
    const base = await recorded()
    const folder = join(await temporaryFolder(), base.id)
    const path = join(folder, 'stream.mp4')
    await write(folder, base.growing)
    const { headBytes, samples, wholeBytes } = await scanFile(path)
    const mp4 = base.growing.get('stream.mp4')!
    let least = samples
    for (let at = wholeBytes - 1; at > headBytes; at -= Math.floor((wholeBytes - headBytes) / 40)) {
      await write(folder, base.growing)
      await writeFile(path, mp4.subarray(0, at))
      const whole = (await scanFile(path)).samples
      const { document } = await recoverFolder(folder, MAX_GAP_MS)
      expect(document.pictures).toBe(whole + (PICTURES - samples))
      expect(await verifyFolder(folder)).toEqual([])
      least = Math.min(least, whole)
    }
    expect(least).toBe(0)
  })
})

it('a data folder is looked through, whatever else lies in it', async () => {
  const base = await recorded()
  const data = await temporaryFolder()
  const names = [base.id, `${base.id}_2`, 'photos', 'x_20260101_120000', '.trash_20260101_120000']
  for (const name of names) await mkdir(join(data, name))
  for (const [name, content] of base.growing) await writeFile(join(data, base.id, name), content)
  for (const [name, content] of base.closed) await writeFile(join(data, `${base.id}_2`, name), content)
  await writeFile(join(data, 'y_20260101_120000'), 'a file')
  await copyFile(join(data, base.id, 'recording.json'), join(data, 'recording.json'))
  const found = (await findLeftBehind(data)).unclosed.map((folder) => basename(folder)).sort()
  expect(found).toContain(base.id)
  expect(found).toContain('x_20260101_120000')
  for (const name of ['photos', `${base.id}_2`, 'y_20260101_120000']) expect(found).not.toContain(name)
})
