/** Recovery and verification of folders that anything may have happened to. */

import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLeftBehind, recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { recordingDocumentSchema } from '../src/recording/document.ts'
import { documentIn, temporaryFolder } from './support/folders.ts'
import { damage, harms, known, PICTURES, recorded, write } from './support/mangle.ts'
import { scanFile } from './support/mp4.ts'

const MAX_GAP_MS = 10_000
const RUNS = 250

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

  it('gets a new index when the one that it has counts other pictures than there are', async () => {
    const base = await recorded()
    const folder = join(await temporaryFolder(), base.id)
    await write(folder, base.closed)
    const mp4 = Buffer.from(base.closed.get('stream.mp4')!)
    mp4.write('stsX', mp4.lastIndexOf('stsz'))
    await writeFile(join(folder, 'stream.mp4'), mp4)
    expect((await verifyFolder(folder)).map(({ invariant }) => invariant)).toEqual([4])
    await recoverFolder(folder, MAX_GAP_MS)
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('is told of by its size when its fragments say other durations than its index', async () => {
    const base = await recorded()
    const folder = join(await temporaryFolder(), base.id)
    await write(folder, base.closed)
    const mp4 = Buffer.from(base.closed.get('stream.mp4')!)
    // The first sample's duration: behind the type and four fields.
    mp4.writeUInt32BE(1234, mp4.indexOf('trun') + 4 + 16)
    await writeFile(join(folder, 'stream.mp4'), mp4)
    const { document } = await recoverFolder(folder, MAX_GAP_MS)
    expect(document.parts[0]!.bytes).toBe(mp4.length)
    expect(await verifyFolder(folder)).toEqual([])
  })

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
