import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { BUILT_IN_SIZE } from './built-in-jpegs.ts'
import { JpegSource } from './jpeg-source.ts'

const REQUEST = { boardName: 'Board 1', width: 240, height: 176, quality: 12 }
const going = new AbortController().signal

function sourceOf(ffmpeg: string) {
  const notices: string[] = []
  return { notices, source: new JpegSource({ ffmpeg, onNotice: (notice) => notices.push(notice) }) }
}

/** Codec and size, as ffprobe reads them. */
function probed(jpeg: Uint8Array): string {
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0']
  return String(execFileSync('ffprobe', ['-v', 'error', ...entries, '-'], { input: jpeg })).trim()
}

it('makes whole JPEGs of the size and quality asked for, each another one, once for each', async () => {
  const { notices, source } = sourceOf('ffmpeg')
  const made = await source.make(REQUEST, going)
  expect(made).toMatchObject({ source: 'ffmpeg', width: 240, height: 176 })
  expect(made.pictures.length).toBeGreaterThan(10)
  for (const picture of made.pictures) {
    expect([...picture.subarray(0, 3), ...picture.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xff, 0xd9])
    expect(Buffer.from(picture).indexOf('ffd9ffd8', 0, 'hex')).toBe(-1)
  }
  expect(new Set(made.pictures.map((picture) => Buffer.from(picture).toString('base64'))).size).toBe(
    made.pictures.length,
  )
  expect(probed(made.pictures[1]!)).toBe('mjpeg,240,176')
  expect(await source.make({ ...REQUEST }, going)).toBe(made)
  const worse = await source.make({ ...REQUEST, quality: 60 }, going)
  expect(worse.pictures[0]!.length).toBeLessThan(made.pictures[0]!.length)
  expect(notices).toEqual([])
})

it.each([
  ['there-is-no-such-program', 'there is no there-is-no-such-program'],
  ['false', 'Command failed: false'],
])('has built-in pictures without ffmpeg (%s), and says once why', async (ffmpeg, why) => {
  const { notices, source } = sourceOf(ffmpeg)
  const { pictures, ...rest } = await source.make(REQUEST, going)
  await source.make({ ...REQUEST, boardName: 'Board 2' }, going)
  expect(rest).toEqual({ source: 'built-in', ...BUILT_IN_SIZE })
  expect(pictures.length).toBeGreaterThan(1)
  expect(probed(pictures.at(-1)!)).toBe('mjpeg,80,60')
  expect(notices).toEqual([expect.stringContaining(why)])
  expect(notices[0]).toMatch(/^no test picture, the small built-in ones of 80x60 instead: /)
})

it('makes nothing for a board that has stopped', async () => {
  const { notices, source } = sourceOf('there-is-no-such-program')
  await source.make(REQUEST, AbortSignal.abort())
  expect(notices).toEqual([])
})

it('signals nobody when a program that is not there is given up at once', async () => {
  // In a process group of its own, which is what a wrong signal hits.
  const script = `
    import { JpegSource } from ${JSON.stringify(new URL('./jpeg-source.ts', import.meta.url).href)}
    for (let turns = 0; turns < 30; turns += 1) {
      const source = new JpegSource({ ffmpeg: 'there-is-no-such-program', onNotice() {} })
      const ending = new AbortController()
      const made = source.make(${JSON.stringify(REQUEST)}, ending.signal)
      for (let turn = 0; turn < turns; turn += 1) await undefined
      ending.abort()
      await made
    }`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  expect(await once(child, 'exit')).toEqual([0, null])
})
