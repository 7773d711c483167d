/** A disk that refuses one recording in its middle: that one fails with its cause, and nothing else does. */

import { chmod, chown, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { Faults } from '../support/faults.ts'
import { printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { ServerProcess } from '../support/process.ts'
import { expectTimesPrefix, foldersOf, StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

/** nobody: somebody whom permissions bind, where the tests run as root. */
const UID = process.getuid?.() === 0 ? 65_534 : undefined

interface Scene {
  data: string
  server: ServerProcess
  faults: Faults
  /** The disk refuses its recording. */
  victim: StreamingPhone
  other: StreamingPhone
  /** Folder of the victim's first recording. */
  folder: string
}

/** Two phones in one take, some seconds in. */
async function recording(): Promise<Scene> {
  const data = await temporaryFolder()
  const faults = await Faults.below(data)
  const { LD_PRELOAD: shim, FAULTS_CONTROL: control } = faults.env
  if (UID !== undefined)
    for (const path of [data, dirname(shim!), shim!, control!]) await chown(path, UID, UID)
  const args = ['--data', data, '--no-thumbnails', '--min-free-bytes', '0']
  const server = await ServerProcess.start(args, { env: faults.env, ...(UID !== undefined && { uid: UID }) })
  const victim = await StreamingPhone.connect(server.port)
  const other = await StreamingPhone.connect(server.port)
  server.type('start')
  for (const phone of [victim, other]) {
    await phone.phone.command('start_capture')
    phone.start()
  }
  for (const phone of [victim, other]) await until('pictures', () => phone.sent.length > 80)
  const [folder] = await foldersOf(data, victim)
  return { data, server, faults, victim, other, folder: folder! }
}

/** The camera is still there and goes on in a recording of its own; the other one never noticed. */
async function expectOnlyThatOne({ data, server, victim, other }: Scene, folders: number): Promise<void> {
  const last = await until('another recording', async () => (await foldersOf(data, victim))[folders - 1])
  const before = victim.sent.length
  await until('more pictures', () => victim.sent.length > before + 60)
  for (const phone of [victim, other]) {
    await phone.phone.acknowledged()
    phone.stop()
  }
  const ended = (folder: string) =>
    until('its end', async () => {
      const document = await documentIn(folder)
      return document.state !== 'recording' && document
    })
  const again = await ended(last)
  expect(again).toMatchObject({ state: 'closed', errors: [] })
  expect(again.take).toMatch(/^take_/)
  expect(again.pictures).toBeGreaterThan(50)
  expect(again.integrity.droppedBefore).toBeGreaterThan(0)
  expect(await verifyFolder(last)).toEqual([])
  const [untouched, ...more] = await foldersOf(data, other)
  expect(more).toEqual([])
  expect(await ended(untouched!)).toMatchObject({
    state: 'closed',
    pictures: other.sent.length - 1,
    errors: [],
  })
  expect(await expectTimesPrefix(untouched!, other.sent)).toBe(other.sent.length - 1)
  expect(await foldersOf(data, victim)).toHaveLength(folders)
  server.type('quit')
  expect((await server.ended).code).toBe(0)
}

describe('in mid-recording', () => {
  it('a disk error ends that recording as failed, with its cause', async () => {
    const scene = await recording()
    const { server, faults, folder } = scene
    faults.fail('EIO', { match: `${basename(folder)}/stream.mp4` })
    await server.says(/ERROR camera .* the recording ends: the disk failed: EIO/)
    await server.says(/recording \S+ failed/)
    const document = await documentIn(folder)
    expect(document).toMatchObject({ state: 'failed', errors: [{ code: 'STORAGE_FAILED' }] })
    expect(document.errors[0]!.message).toMatch(/EIO/)
    expect(document.integrity.droppedAtEnd).toBeGreaterThan(0)
    await expectOnlyThatOne(scene, 2)
  })

  it('a folder that is removed is noticed while the recording runs', async () => {
    const scene = await recording()
    const { server, folder, victim } = scene
    const removedMs = performance.now()
    await rm(folder, { recursive: true })
    await server.says(/the recording ends: the folder .* was removed or moved/)
    const noticedMs = Math.round(performance.now() - removedMs)
    expect(noticedMs).toBeLessThan(5000)
    printFigure(
      'disk-failed',
      `a removed folder was noticed after ${noticedMs} ms; other cameras: 0 pictures lost`,
    )
    expect(await until('another', async () => (await foldersOf(scene.data, victim))[0])).not.toBe(folder)
    await expectOnlyThatOne(scene, 1)
  })

  it('a film that is removed is noticed too', async () => {
    const scene = await recording()
    await rm(join(scene.folder, 'stream.mp4'))
    await scene.server.says(/the recording ends: stream\.mp4 of .* was removed or moved/)
    await scene.server.says(/recording \S+ failed/)
    await expectOnlyThatOne(scene, 2)
  })

  it('a folder that is no longer ours is noticed, and told as failed once it is again', async () => {
    const scene = await recording()
    const { server, folder } = scene
    await chmod(folder, 0o555)
    await server.says(/the recording ends: the disk failed: EACCES/)
    await server.says(/recording \S+ failed/)
    await chmod(folder, 0o755)
    await server.says(/failed, now that the disk takes it/)
    expect(await documentIn(folder)).toMatchObject({ state: 'failed', errors: [{ code: 'STORAGE_FAILED' }] })
    await expectOnlyThatOne(scene, 2)
  })

  it('a data folder that takes no new folder is tried again after growing pauses, and leaves no empty folders', async () => {
    const scene = await recording()
    const { data, server, folder } = scene
    await rm(folder, { recursive: true })
    await chmod(data, 0o555)
    const attempts = () =>
      server.output.match(/the recording ends: the disk failed: EACCES.* mkdir/g)?.length ?? 0
    const times: number[] = []
    for (let n = 1; n <= 3; n += 1) {
      await until(`attempt ${n}`, () => attempts() >= n)
      times.push(performance.now())
    }
    expect(times[2]! - times[1]!).toBeGreaterThan(2500)
    server.type('status')
    await server.says(/disk failed/)
    expect(await recordingsIn(data)).toEqual(await foldersOf(data, scene.other))
    await chmod(data, 0o755)
    server.type('start')
    await expectOnlyThatOne(scene, 1)
  })
})
