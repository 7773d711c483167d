/** The senders in examples/, each run as the comment in its head says, and what arrives of them. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import type { CameraView, CommandAnswer } from '../src/wire/api/cameras.ts'
import type { DeviceView } from '../src/wire/api/devices.ts'
import { frameMd5, probePackets } from './support/ffmpeg.ts'
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
const LANGUAGES = ['py', 'ts']
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
  expect(PYTHON, 'no python3 has websockets: ./scripts/setup --tests installs it').toBeDefined()
  const folder = await temporaryFolder()
  const film = join(folder, 'film.h264')
  const pictures = (count: number) => [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=5',
    '-frames:v',
    `${count}`,
  ]
  // As examples/README.md says, with more keyframes.
  const x264 = ['-c:v', 'libx264', '-bf', '0', '-g', '4', '-aud', '1']
  execFileSync('ffmpeg', ['-v', 'error', ...pictures(PICTURES), ...x264, film])
  execFileSync('ffmpeg', ['-v', 'error', ...pictures(3), join(folder, '%d.jpg')])
  const jpegs = await Promise.all(['1.jpg', '2.jpg', '3.jpg'].map((name) => readFile(join(folder, name))))
  const { port, data, json, send } = await startApi()
  // All at once: it takes a while until they run.
  run('phone', film, `ws://127.0.0.1:${port}/android-cam`)
  run('esp', folder, `ws://127.0.0.1:${port}/esp`)
  run('text', `ws://127.0.0.1:${port}/`)
  const cameras = async () => (await json<{ cameras: CameraView[] }>('/api/cameras')).cameras
  const ofModel = (model: string) => async () => {
    const all = (await cameras()).filter((camera) => camera.model?.startsWith(model))
    return all.length === LANGUAGES.length && all
  }
  const command = async (of: CameraView[], more: object) => {
    const answer = await send('POST', '/api/commands', { cameras: of.map(({ id }) => id), ...more })
    const { cameras: results } = (await answer.json()) as CommandAnswer
    expect(results.map(({ result }) => result)).toEqual(of.map(() => 'confirmed'))
  }

  // Phones: the film is recorded, picture by picture.
  const phones = await until('phones that are cameras', ofModel('phone.'))
  await command(phones, { command: 'start' })
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

  // ESP32 cameras: the files come, whole, once they are asked for, until they are stopped.
  const boards = await until('boards that are cameras', ofModel('ESP32'))
  for (const { pictures, board } of boards)
    expect({ pictures, board }).toMatchObject({ pictures: 0, board: { isCapturing: false } })
  await command(boards, { command: 'start', resolution: 'UXGA', quality: 12 })
  await until('pictures of all', async () => {
    const views = (await cameras()).filter(({ board }) => board)
    return views.every(({ pictures, malformed }) => pictures >= 4 && malformed === 0)
  })
  await command(boards, { command: 'stop' })
  for (const { id } of boards) {
    const images = join(data, 'images', id)
    const names = await until('a picture as a file', async () => {
      const all = (await readdir(images).catch(() => [])).filter((name) => name.endsWith('.jpg'))
      return all.length > 0 && all
    })
    const kept = await Promise.all(names.map((name) => readFile(join(images, name))))
    for (const picture of kept) expect(jpegs.some((jpeg) => jpeg.equals(picture))).toBe(true)
  }
  for (const { malformed, board } of (await cameras()).filter(({ board }) => board))
    expect({ malformed, board }).toMatchObject({
      malformed: 0,
      board: { isCapturing: false, resolution: 'UXGA' },
    })

  // Boards that send text: numbers from 0 to 100.
  const { devices } = await until('devices', async () => {
    const answer = await json<{ devices: DeviceView[] }>('/api/devices')
    return answer.devices.length === LANGUAGES.length && answer
  })
  for (const { latest } of devices)
    expect(latest.value).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 100)
})
