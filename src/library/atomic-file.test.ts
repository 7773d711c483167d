import { execFileSync } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { readText, saveAtomically } from './atomic-file.ts'
import { withFile } from './part-file.ts'

it('waits for no pipe in the place of a file', async () => {
  const folder = await temporaryFolder()
  const pipe = join(folder, '.list.json.tmp')
  execFileSync('mkfifo', [pipe])
  await expect(readText(pipe)).rejects.toThrow('is no file')
  await expect(withFile(pipe, 'r', (handle) => handle.read(Buffer.alloc(1), 0, 1, 0))).rejects.toThrow(
    'ESPIPE',
  )
  await saveAtomically(folder, 'list.json', 'new')
  expect(await readText(join(folder, 'list.json'))).toBe('new')
})

it('writes nothing through a link in the place of its temporary file', async () => {
  const folder = await temporaryFolder()
  const other = join(folder, 'other')
  await writeFile(other, 'old')
  await symlink(other, join(folder, '.list.json.tmp'))
  await saveAtomically(folder, 'list.json', 'new')
  expect(await readFile(other, 'utf8')).toBe('old')
})
