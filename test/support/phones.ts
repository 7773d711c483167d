/** Phones that obey, in this process: the simulator with a small film. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runSimulator } from '../../src/simulate/simulate.ts'
import { testPictures } from './ffmpeg.ts'
import { temporaryFolder } from './folders.ts'

/** Connects so many; they end with the test, or by `end`. */
export async function simulatePhones(port: number, cameras: number): Promise<{ end: () => Promise<void> }> {
  const source = join(await temporaryFolder(), 'film.h264')
  await writeFile(source, Buffer.concat(await testPictures(60, '160x90', 15)))
  const stop = new AbortController()
  const url = `ws://127.0.0.1:${port}/android-cam`
  const rest = { jitterMs: 0, lossShare: 0, clockOffsetMs: 0, clockDriftPpm: 0, seed: 1, autoStart: false }
  const run = runSimulator({ url, cameras, source, signal: stop.signal, ...rest })
  const end = async () => {
    stop.abort()
    await run.catch(() => {})
  }
  onTestFinished(end)
  return { end }
}
