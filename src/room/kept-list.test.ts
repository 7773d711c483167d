import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { createLog } from '../log.ts'
import { KeptList } from './kept-list.ts'
import { type Profile, profileSchema } from './profiles.ts'

async function file(content?: string) {
  const dataDir = await temporaryFolder()
  const own = join(dataDir, '.rollcall')
  await mkdir(own)
  if (content !== undefined) await writeFile(join(own, 'cameras.json'), content)
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) })
  return {
    own,
    lines,
    file: new KeptList({
      dataDir,
      log,
      file: 'cameras.json',
      key: 'profiles',
      item: profileSchema,
      what: 'names',
    }),
  }
}
const profile = (name: string | null, n = 1): Profile => ({
  profile: `192.0.2.7 Pixel 6a #${n}`,
  name,
  colour: 'teal',
  order: 3,
  seenAtMs: 1000,
})

it('gives back what was saved, and lets nobody else read it', async () => {
  const { own, file: first, lines } = await file()
  expect(await first.read()).toEqual([])
  await first.save(() => [profile('Left'), profile(null, 2)])
  expect(await first.read()).toEqual([profile('Left'), profile(null, 2)])
  expect((await stat(join(own, 'cameras.json'))).mode & 0o777).toBe(0o600)
  expect(await readdir(own)).toEqual(['cameras.json'])
  expect(lines).toEqual([])
})

it('writes the newest of many at once, and few times', async () => {
  const { file: saved } = await file()
  let name = ''
  const asked: string[] = []
  const saves = Array.from({ length: 50 }, (_, i) => {
    name = `name ${i}`
    return saved.save(() => {
      asked.push(name)
      return [profile(name)]
    })
  })
  await Promise.all(saves)
  await saved.idle()
  expect(asked).toEqual(['name 0', 'name 49'])
  expect(await saved.read()).toEqual([profile('name 49')])
})

describe('a file that cannot be read', () => {
  it.each([
    ['empty', ''],
    ['half', '{"version":1,"profiles":[{"profile":"192'],
    ['of another version', '{"version":2,"profiles":[]}'],
    [
      'with a colour that there is not',
      JSON.stringify({ version: 1, profiles: [{ ...profile('a'), colour: 'grey' }] }),
    ],
  ])('because it is %s is set aside with a warning', async (_what, content) => {
    const { own, file: bad, lines } = await file(content)
    expect(await bad.read()).toEqual([])
    expect(lines).toEqual([
      expect.stringMatching(/WARN.*cameras\.json cannot be read and begin anew; the file is kept/),
    ])
    expect(await readFile(join(own, 'cameras.json.unreadable'), 'utf8')).toBe(content)
    await bad.save(() => [profile('Left')])
    expect(await bad.read()).toEqual([profile('Left')])
  })

  it('because it is a folder is set aside too', async () => {
    const { own, file: bad } = await file()
    await mkdir(join(own, 'cameras.json'))
    expect(await bad.read()).toEqual([])
    await bad.save(() => [profile('Left')])
    expect(await bad.read()).toEqual([profile('Left')])
  })
})

it('tells when it cannot be saved, and can be saved later', async () => {
  const { own, file: saved } = await file()
  await mkdir(join(own, 'cameras.json', 'in the way'), { recursive: true })
  await expect(saved.save(() => [])).rejects.toThrow()
  expect(await saved.read()).toEqual([])
  await saved.save(() => [profile('Left')])
})
