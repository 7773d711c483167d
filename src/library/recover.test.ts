import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { findLeftBehind, readDocument } from './recover.ts'

it('waits for no pipe in the place of recording.json', async () => {
  const folder = await temporaryFolder()
  execFileSync('mkfifo', [join(folder, 'recording.json')])
  expect(await readDocument(folder)).toBeUndefined()
})

it('leaves alone a folder that is only named like a recording', async () => {
  const data = await temporaryFolder()
  const folders = { wedding: 'party.jpg', empty: '', rows: '.frames.csv.tmp', film: 'stream.2.mp4' }
  for (const [name, file] of Object.entries(folders)) {
    const folder = join(data, `${name}_20260101_120000`)
    await mkdir(folder)
    if (file) await writeFile(join(folder, file), '')
  }
  const { unclosed } = await findLeftBehind(data)
  expect(unclosed.sort()).toEqual(
    ['empty', 'film', 'rows'].map((name) => join(data, `${name}_20260101_120000`)),
  )
})
