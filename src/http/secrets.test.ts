import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { isSameSecret, Secrets } from './secrets.ts'

async function opened(options: { dataDir?: string; accessToken?: string } = {}) {
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const problems: string[] = []
  const onProblem = (message: string) => problems.push(message)
  const secrets = new Secrets({ dataDir, accessToken: options.accessToken ?? '', onProblem })
  return {
    secrets,
    content: await secrets.open(),
    dataDir,
    file: join(dataDir, '.rollcall/access.json'),
    problems,
  }
}
const modeOf = async (path: string) => (await stat(path)).mode & 0o777

it('makes keys of 32 random bytes at the first start, for its own eyes, and keeps them', async () => {
  const { content, dataDir, file } = await opened()
  const values = Object.values(content)
  expect(new Set(values).size).toBe(4)
  for (const value of values) expect(Buffer.from(value, 'base64url')).toHaveLength(32)
  expect([await modeOf(join(dataDir, '.rollcall')), await modeOf(file)]).toEqual([0o700, 0o600])
  const again = await opened({ dataDir })
  expect(again).toMatchObject({ content, problems: [] })
})

it('reports modes that let others read, and closes them', async () => {
  const { dataDir, file } = await opened()
  await chmod(file, 0o644)
  await chmod(join(dataDir, '.rollcall'), 0o755)
  const { problems } = await opened({ dataDir })
  expect(problems).toHaveLength(2)
  expect(problems[1]).toContain(`others may read ${file} (mode 644)`)
  expect(problems[1]).toContain('rollcall token --rotate')
  expect([await modeOf(join(dataDir, '.rollcall')), await modeOf(file)]).toEqual([0o700, 0o600])
})

it('notices at its next look what another process wrote', async () => {
  const { secrets, content, dataDir } = await opened()
  const other = await opened({ dataDir })
  await other.secrets.renew(['accessToken', 'watchToken'])
  const renewed = await secrets.current()
  expect(renewed).toEqual(other.secrets.known)
  expect(renewed.accessToken).not.toBe(content.accessToken)
  expect(renewed).toMatchObject({ cameraKey: content.cameraKey, cookieKey: content.cookieKey })
})

it('goes on with what it knows when the file goes or breaks, and says so once', async () => {
  const { secrets, content, file, problems } = await opened()
  await writeFile(file, '{"accessToken": "half')
  for (let i = 0; i < 3; i += 1) expect(await secrets.current()).toEqual(content)
  expect(problems).toEqual([expect.stringContaining('is not what Rollcall wrote')])
  expect(problems[0]).not.toContain('half')
  await rm(file)
  for (let i = 0; i < 3; i += 1) expect(await secrets.current()).toEqual(content)
  expect(problems).toHaveLength(2)
})

it('puts ROLLCALL_TOKEN before the token in the file, and leaves that one there', async () => {
  const { content, dataDir, file } = await opened()
  const given = await opened({ dataDir, accessToken: 'from-the-environment' })
  expect(given.content).toEqual({ ...content, accessToken: 'from-the-environment' })
  await given.secrets.renew(['watchToken'])
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ accessToken: content.accessToken })
  expect((await opened({ dataDir })).content.accessToken).toBe(content.accessToken)
})

it('refuses a file that it did not write, without a word of what stands in it', async () => {
  const dataDir = await temporaryFolder()
  await mkdir(join(dataDir, '.rollcall'), { mode: 0o700 })
  for (const text of ['', 'hunter2', '{"version":1,"accessToken":"hunter2"}', '[]', 'null']) {
    await writeFile(join(dataDir, '.rollcall/access.json'), text, { mode: 0o600 })
    const error = await opened({ dataDir }).catch((refusal) => refusal)
    expect(error).toMatchObject({ code: 'ACCESS_FILE_INVALID' })
    expect(`${error.stack} ${error.cause}`).not.toContain('hunter2')
  }
})

it('compares secrets of any length', () => {
  expect(isSameSecret('', '')).toBe(true)
  expect(isSameSecret('a', 'a')).toBe(true)
  for (const [a, b] of [
    ['a', ''],
    ['a', 'b'],
    ['a', 'aa'],
    ['ä', 'a'],
    ['a'.repeat(10_000), 'a'],
  ] as const)
    expect(isSameSecret(a, b)).toBe(false)
})
