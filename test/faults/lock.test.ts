/** One server for each data folder, when servers are killed and started at the same moment. See also test/lock.test.ts. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isLongForm, printFigure } from '../support/figure.ts'
import { temporaryFolder } from '../support/folders.ts'
import { rollcall, ServerProcess } from '../support/process.ts'

const CONTENDERS = 6
const ROUNDS = isLongForm ? 1000 : 50
const BUILT_LOCK = fileURLToPath(new URL('../../dist/library/data-lock.js', import.meta.url))
/** Asks for the lock whenever it is told to, and says what came of it. */
const CONTENDER = `
  const { lockDataFolder } = await import(${JSON.stringify(BUILT_LOCK)})
  process.on('message', (data) => lockDataFolder(data).then(
    () => process.send('got it'),
    (error) => process.send(error.code),
  ))
  process.send('ready')
`

const lockIn = (data: string) => join(data, '.rollcall.lock')
/** The lock, and whatever taking it may leave behind. */
const locksIn = async (data: string) => (await readdir(data)).filter((name) => name.includes('lock'))
/** An id that no process can have on Linux. */
const abandoned = (round: number) => JSON.stringify({ pid: 2 ** 22 + 1, startTicks: round })

async function contender(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CONTENDER], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await answer(child)
  return child
}

async function answer(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message')
  return String(message)
}

describe('a data folder whose server was killed', () => {
  it('goes to exactly one of several that ask for it at the same moment', async () => {
    const data = await temporaryFolder()
    const children = await Promise.all(Array.from({ length: CONTENDERS }, contender))
    for (let round = 0; round < ROUNDS; round += 1) {
      await writeFile(lockIn(data), abandoned(round))
      const answers = children.map(answer)
      for (const child of children) child.send(data)
      const got = (await Promise.all(answers)).sort()
      expect(got).toEqual([...Array(CONTENDERS - 1).fill('DATA_FOLDER_IN_USE'), 'got it'])
      expect(await locksIn(data)).toEqual(['.rollcall.lock'])
    }
    printFigure('lock', `one owner each time in ${ROUNDS} rounds of ${CONTENDERS} processes`)
  })

  it('is free although a start was killed in the middle of taking it over', async () => {
    const data = await temporaryFolder()
    await writeFile(lockIn(data), abandoned(1))
    // The lock on its replacement, named after the content; its holder is gone as well.
    const hash = createHash('sha256').update(abandoned(1)).digest('hex').slice(0, 16)
    await writeFile(`${lockIn(data)}.${hash}`, abandoned(2))
    await ServerProcess.start(['--data', data])
    expect(await locksIn(data)).toEqual(['.rollcall.lock'])
  })

  it('is free when the machine was booted anew, whatever process has the id now', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data])
    const lock = JSON.parse(await readFile(lockIn(data), 'utf8'))
    expect((await rollcall(['serve', '--port', '0', '--data', data])).stderr).toMatch(/DATA_FOLDER_IN_USE/)
    await writeFile(lockIn(data), JSON.stringify({ ...lock, boot: 'another' }))
    await ServerProcess.start(['--data', data])
    await server.end('SIGKILL')
  })

  it('goes to the next server after every kill', async () => {
    const data = await temporaryFolder()
    for (let kills = 0; kills < 3; kills += 1) {
      const server = await ServerProcess.start(['--data', data])
      await server.end('SIGKILL')
    }
    const server = await ServerProcess.start(['--data', data])
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await locksIn(data)).toEqual([])
  })
})
