/** Input and surroundings that once ended or stopped the server, or spoiled a file. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { probe, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { annexB, KEYFRAME, PPS, SPS_64X48, slice, smallPps, smallSps } from './support/h264.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

/** A server, and a phone whose recording is open. */
async function recording(options: Parameters<typeof startServer>[0] = {}) {
  const { server, port, data, lines } = await startServer(options)
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  const close = async () => {
    await phone.close()
    await server.close()
    const [folder] = await recordingsIn(data)
    return { folder: folder!, document: await documentIn(folder!) }
  }
  return { phone, close, data, lines }
}

describe('a packet', () => {
  it.each([9000, 70_000])('of %d NAL units ends nothing', async (count) => {
    const { phone, close } = await recording({ thumbnails: false })
    phone.packet(0, annexB(SPS_64X48, PPS))
    phone.packet(1000, KEYFRAME)
    phone.packet(1033, Buffer.concat(Array<Buffer>(count).fill(Buffer.from('0000014180', 'hex'))))
    phone.packet(1066, KEYFRAME)
    const { folder, document } = await close()
    const isPicture = count <= 10_000
    expect(document).toMatchObject({ state: 'closed', pictures: isPicture ? 3 : 2 })
    expect(document.errors.map(({ code }) => code)).toEqual(isPicture ? [] : ['H264_TOO_MANY_NAL_UNITS'])
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('with a parameter set that avcC cannot hold is refused, and the film goes on with the sets before', async () => {
    const { phone, close } = await recording()
    const [first, ...rest] = await testPictures(20)
    const { configuration, picture } = configurationApart(first!)
    phone.packet(0, configuration)
    phone.packet(0, Buffer.concat([configuration, Buffer.alloc(70_000, 0xaa)]))
    for (const [i, payload] of [picture, ...rest].entries()) phone.packet(1000 + i * 100, payload)
    const { folder, document } = await close()
    expect(document).toMatchObject({ pictures: 20, errors: [{ code: 'H264_PPS_INVALID' }] })
    expect((await probe(join(folder, 'stream.mp4'))).streams[0]).toMatchObject({ width: 160, height: 120 })
  })
})

it('recovery names the SPS that the pictures use, of several in avcC', async () => {
  const { phone, close } = await recording({ thumbnails: false })
  phone.packet(0, annexB(smallSps(0, 4, 3), smallPps(0, 0), smallSps(1, 6, 4), smallPps(1, 1)))
  phone.packet(1000, annexB(slice('idr', { pps: 1 })))
  const { folder, document } = await close()
  const { document: recovered } = await recoverFolder(folder, 10_000)
  const { width, height, codec, profile } = document
  expect({ width, height }).toEqual({ width: 96, height: 64 })
  expect(recovered).toMatchObject({ width, height, codec, profile })
})

it('a terminal that nobody reads does not stop a recording', async () => {
  const data = await temporaryFolder()
  const options = ['--no-thumbnails', '--max-texts-per-second', '1000000']
  const server = await ServerProcess.start(['--data', data, ...options])
  server.child.stdout!.pause()
  const phone = await TestPhone.connect(server.port)
  // More than a pipe holds.
  for (let i = 0; i < 2000; i += 1) server.type('help')
  phone.status('capture_started')
  const pictures = await testPictures(30)
  for (const [i, payload] of pictures.entries()) phone.packet(1000 + i * 100, payload)
  phone.status('capture_stopped')
  await until('a closed recording', async () => {
    const [folder] = await recordingsIn(data)
    return folder && (await documentIn(folder).catch(() => undefined))?.state === 'closed'
  })
  const [folder] = await recordingsIn(data)
  expect((await documentIn(folder!)).pictures).toBe(pictures.length)
})

it('an ffmpeg that hangs keeps neither phones out nor the server from its end', async () => {
  const folderOfFfmpeg = await temporaryFolder()
  const ffmpeg = join(folderOfFfmpeg, 'ffmpeg')
  // It hangs far longer than a test may take, and so does what it has started, which holds its output open.
  const hangs = `sleep 1000 & echo $! >> ${folderOfFfmpeg}/sleeping; wait`
  await writeFile(ffmpeg, `#!/bin/sh\ncase "$*" in *-version*) ;; *) ${hangs};; esac\n`, { mode: 0o755 })
  onTestFinished(async () => {
    const pids = await readFile(join(folderOfFfmpeg, 'sleeping'), 'utf8').catch(() => '')
    for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid))
  })
  const { phone, close, data, lines } = await recording({ ffmpeg, ffmpegTimeoutMs: 1000 })
  for (const [i, payload] of (await testPictures(10)).entries()) phone.packet(1000 + i * 100, payload)
  const { folder, document } = await close()
  expect(document).toMatchObject({ state: 'closed', pictures: 10 })
  expect(await verifyFolder(folder)).toEqual([])
  expect(await readFile(join(folder, 'stream.h264'))).not.toHaveLength(0)
  expect(await recordingsIn(data)).toHaveLength(1)
  expect(lines.join('\n')).toContain('was ended after 1000 ms')
})
