import { execFileSync } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openAllBut, withFewFiles } from '../../test/support/few-files.ts'
import { temporaryFolder } from '../../test/support/folders.ts'

it.each([0, 3])('is an error like any other where %i file descriptors are left', async (left) => {
  const { printed, code } = await withFewFiles(`
    import { runFfmpeg } from ${JSON.stringify(new URL('./ffmpeg.ts', import.meta.url).href)}
    ${openAllBut(left)}
    const answer = await runFfmpeg('ffmpeg', ['-version'], 60_000).catch(({ code }) => code)
    console.log(answer)`)
  expect(printed).toBe('FFMPEG_FAILED\n')
  expect(code).toBe(0)
})

it('waits for nothing when there is no such program', async () => {
  const { printed, code } = await withFewFiles(`
    import { runFfmpeg } from ${JSON.stringify(new URL('./ffmpeg.ts', import.meta.url).href)}
    await runFfmpeg('there-is-no-such-program', [], 600_000).catch(({ message }) => console.log(message))`)
  expect(printed).toMatch(/^there is no there-is-no-such-program: /)
  expect(code).toBe(0)
})

it('makes thumbnails where ffmpeg would read the path of a folder as a protocol or an option', async () => {
  const folder = await temporaryFolder()
  const names = ['cam:1', '-cam']
  for (const name of names) {
    await mkdir(join(folder, name))
    const picture = ['-f', 'lavfi', '-i', 'color=size=16x16', '-frames:v', '1', '-c:v', 'libx264']
    execFileSync('ffmpeg', ['-v', 'error', ...picture, join(folder, name, 'stream.mp4')])
  }
  const { printed } = await withFewFiles(`
    import { Thumbnailer } from ${JSON.stringify(new URL('./ffmpeg.ts', import.meta.url).href)}
    process.chdir(${JSON.stringify(folder)})
    const onFailure = ({ message }) => console.log(message)
    const thumbnailer = new Thumbnailer({ ffmpeg: 'ffmpeg', timeoutMs: 20_000, onFailure })
    for (const name of ${JSON.stringify(names)}) thumbnailer.add(name)
    await thumbnailer.idle()`)
  expect(printed).toBe('')
  for (const name of names) expect(await readdir(join(folder, name))).toContain('thumbnail.jpg')
})
