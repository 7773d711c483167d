import { execFileSync } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { lockDataFolder } from './data-lock.ts'

it.each([
  ['a folder', (path: string) => mkdir(path)],
  ['a link to nowhere', (path: string) => symlink('/nowhere', path)],
  ['a pipe', (path: string) => Promise.resolve(execFileSync('mkfifo', [path]))],
])('says so when %s lies in the place of the lock', async (_title, make) => {
  const data = await temporaryFolder()
  await make(join(data, '.rollcall.lock'))
  await expect(lockDataFolder(data)).rejects.toThrow(/the lock .* cannot be read/)
})
