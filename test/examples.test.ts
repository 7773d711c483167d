/** The senders in examples/, each run as the comment in its head says, and what arrives of them. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { type ConnectedBoard, startBoardServer } from './support/board-server.ts'
import { frameMd5, probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { startApi } from './support/requests.ts'
import { until } from './support/until.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** A python3 that has websockets: the first on PATH need not be Debian's. */
const PYTHON = ['python3', '/usr/bin/python3'].find((python) => {
  try {
    execFileSync(python, ['-c', 'import websockets'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})
if (!PYTHON) console.info('no python3 with websockets here: the examples in Python are left out')
const LANGUAGES = PYTHON ? ['py', 'ts'] : ['ts']
const PICTURES = 8

/** Runs an example in each language, until the test ends. */
function run(name: string, ...args: string[]): void {
  for (const language of LANGUAGES) {
    const file = `examples/${name}.${language}`
    const [program, ...first] = language === 'py' ? [PYTHON!] : [process.execPath, '--import', 'tsx']
    const child = spawn(program!, [...first, file, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        said += data
      })
    const ended = once(child, 'close')
    onTestFinished(async () => {
      const died = child.exitCode
      child.kill('SIGKILL')
      await ended
      expect(died, `${file} ended by itself: ${said}`).toBeNull()
    })
  }
}

it('what is sent by examples in every language arrives as it was sent', async () => {
  const folder = await temporaryFolder()
  const film = join(folder, 'film.h264')
  await writeFile(film, Buffer.concat(await testPictures(PICTURES, '160x120', 4)))
  const size = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=5', '-frames:v', '3']
  execFileSync('ffmpeg', ['-v', 'error', ...size, join(folder, '%d.jpg')])
  const jpegs = await Promise.all(['1.jpg', '2.jpg', '3.jpg'].map((name) => readFile(join(folder, name))))
  const { port, data, json, send } = await startApi()
  const { url, boards } = await startBoardServer()
  // All at once: it takes a while until they run.
  run('phone', film, `ws://127.0.0.1:${port}/android-cam`)
  run('esp', folder, `${url}/esp`)
  run('text', `${url}/`)

  // Phones: the film is recorded, picture by picture.
  await until('phones that are cameras', async () => {
    const { cameras } = await json<{ cameras: { model: string | null }[] }>('/api/cameras')
    return cameras.filter(({ model }) => model?.startsWith('phone.')).length === LANGUAGES.length
  })
  expect((await send('POST', '/api/commands', { command: 'start' })).status).toBe(200)
  const recordings = await until('closed recordings', async () => {
    const all = await recordingsIn(data)
    // It is there soon after its folder is.
    const documents = await Promise.all(all.map((one) => documentIn(one).catch(() => undefined)))
    return documents.filter((one) => one?.state === 'closed').length === LANGUAGES.length && all
  })
  for (const recording of recordings) {
    const document = await documentIn(recording)
    expect(document).toMatchObject({ pictures: PICTURES, keyframes: 2, errors: [] })
    expect(document.integrity).toMatchObject({
      missing: 0,
      malformed: 0,
      notH264: 0,
      configurationPackets: 1,
    })
    const mp4 = join(recording, 'stream.mp4')
    expect(await probePackets(mp4)).toHaveLength(PICTURES)
    expect(await frameMd5(mp4)).toEqual(await frameMd5(film))
  }

  // ESP32 cameras: the files come once they are asked for, until they are stopped.
  const cameras = await until('ESP32 cameras', () => at('/esp', boards))
  for (const board of cameras) {
    expect(board).toMatchObject({ texts: [], pictures: [] })
    board.socket.send('start UXGA 12')
    await until('pictures', () => board.pictures.length >= 4)
    board.socket.send('stop')
    await until('the answer to stop', () => board.texts.includes('ACK: stop'))
    board.socket.send('status')
    await until('the status', () => board.texts.at(-1)?.startsWith('STATUS: '))
    expect(board.texts[0]).toBe('ACK: start UXGA 12')
    for (const [i, picture] of board.pictures.entries()) expect(picture.equals(jpegs[i % 3]!)).toBe(true)
  }

  // Boards that send text: numbers from 0 to 100.
  const talkers = await until('boards that send text', () => at('/', boards))
  for (const { texts } of talkers) {
    const number = await until('a number', () => texts[0])
    expect(number).toMatch(/^\d{1,3}$/)
    expect(Number(number)).toBeLessThanOrEqual(100)
  }
})

/** The boards at a path, once there is one in each language. */
function at(path: string, boards: readonly ConnectedBoard[]): ConnectedBoard[] | undefined {
  const there = boards.filter((board) => board.path === path)
  return there.length === LANGUAGES.length ? there : undefined
}
