/** Thumbnails, made by a real ffmpeg. */

import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StorageError } from '../src/errors.ts'
import { Thumbnailer } from '../src/library/ffmpeg.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { probe, testPictures } from './support/ffmpeg.ts'
import { recordingsIn, temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

/** A closed recording without a thumbnail, and its data folder. */
async function recorded(): Promise<{ data: string; folder: string }> {
  const { server, port, data } = await startServer({ thumbnails: false })
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  for (const [i, payload] of (await testPictures(10)).entries()) phone.packet(1000 + i * 100, payload)
  await phone.close()
  await server.close()
  return { data, folder: (await recordingsIn(data))[0]! }
}

async function sizeOf(file: string): Promise<string> {
  const { streams } = await probe(file)
  return `${streams[0]!.width}x${streams[0]!.height}`
}

/** A program in ffmpeg's place: it writes something once there is `go`; `running` tells how many ran as each began and ended. */
async function gatedFfmpeg() {
  const folder = await temporaryFolder()
  const [ffmpeg, gate, log] = [join(folder, 'ffmpeg'), join(folder, 'go'), join(folder, 'log')]
  const script = `#!/bin/sh
echo 1 >> ${log}
while [ ! -e ${gate} ]; do sleep 0.1; done
for file; do case "$file" in *.jpg) echo picture > "$file";; esac; done
echo -1 >> ${log}
`
  await writeFile(ffmpeg, script, { mode: 0o755 })
  const running = async () => {
    let now = 0
    const changes = (await readFile(log, 'utf8').catch(() => '')).split('\n').map(Number)
    return changes.map((change) => {
      now += change
      return now
    })
  }
  return { ffmpeg, running, go: () => writeFile(gate, '') }
}

describe('thumbnails', () => {
  it('are made by no more than two processes at once', async () => {
    const { ffmpeg, running, go } = await gatedFfmpeg()
    const onFailure = (error: StorageError) => {
      throw error
    }
    const thumbnailer = new Thumbnailer({ ffmpeg, timeoutMs: 50_000, onFailure })
    // Four processes.
    const folders = await Promise.all(Array.from({ length: 25 }, () => temporaryFolder()))
    for (const each of folders) thumbnailer.add(each)
    await until('two processes', async () => Math.max(...(await running())) >= 2)
    await go()
    await thumbnailer.idle()
    const counts = await running()
    expect(counts.filter((count, i) => count > (counts[i - 1] ?? 0))).toHaveLength(4)
    expect(Math.max(...counts)).toBe(2)
    for (const each of folders) expect(await readdir(each)).toEqual(['thumbnail.jpg'])
  })

  it('that hang are given up together when the server closes', async () => {
    const { ffmpeg, running } = await gatedFfmpeg()
    const failures: StorageError[] = []
    const onFailure = (error: StorageError) => failures.push(error)
    const thumbnailer = new Thumbnailer({ ffmpeg, timeoutMs: 1000, onFailure })
    for (let i = 0; i < 8; i += 1) thumbnailer.add(await temporaryFolder())
    await thumbnailer.close()
    expect(await running()).toEqual([1, 1])
    expect(failures).toMatchObject([{ code: 'FFMPEG_FAILED' }])
  })

  it('are made of many recordings at once, and one that cannot be made harms no other', async () => {
    const { folder } = await recorded()
    const data = await temporaryFolder()
    const folders = Array.from({ length: 11 }, (_, i) => join(data, `camera_${i}`))
    for (const each of folders) {
      await mkdir(each)
      await copyFile(join(folder, 'stream.mp4'), join(each, 'stream.mp4'))
    }
    await writeFile(join(folders[3]!, 'stream.mp4'), 'no film')
    const failures: StorageError[] = []
    const thumbnailer = new Thumbnailer({
      ffmpeg: 'ffmpeg',
      timeoutMs: 20_000,
      onFailure: (error) => failures.push(error),
    })
    for (const each of folders) thumbnailer.add(each)
    await thumbnailer.idle()
    for (const [i, each] of folders.entries())
      if (i === 3) expect(await readdir(each)).toEqual(['stream.mp4'])
      else expect(await sizeOf(join(each, 'thumbnail.jpg'))).toBe('160x120')
    expect(failures).toMatchObject([{ code: 'FFMPEG_FAILED' }])
  })

  it('whose making was cut off are made at the next start', async () => {
    const { data, folder } = await recorded()
    await writeFile(join(folder, '.thumbnail.jpg'), 'half')
    // As while it is being made.
    expect(await verifyFolder(folder)).toEqual([])
    await startServer({ data })
    await until('a thumbnail', async () => (await readdir(folder)).includes('thumbnail.jpg'))
    expect(await sizeOf(join(folder, 'thumbnail.jpg'))).toBe('160x120')
    expect(await readdir(folder)).not.toContain('.thumbnail.jpg')
  })
})
