/** One server for each data folder. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { rollcall, ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'

describe('a data folder', () => {
  it('is refused to a second server, whose start leaves the recordings of the first alone', async () => {
    const { server, port, data } = await startServer()
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    const pictures = await testPictures(30)
    for (const [i, payload] of pictures.entries()) phone.packet(1000 + i * 100, payload)
    const second = await rollcall(['serve', '--port', '0', '--data', data])
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/belongs to the Rollcall of process \d+.* \(DATA_FOLDER_IN_USE\)\n$/)
    await phone.close()
    await server.close()
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: pictures.length })
  })

  it('is free again once its server has ended', async () => {
    const { server, data } = await startServer()
    await server.close()
    await startServer({ data })
  })

  it.each([
    ['was killed', 2 ** 22 + 1],
    ['was killed, and whose id another process has now', process.ppid],
  ])('is free when its server %s', async (_title, pid) => {
    const data = await temporaryFolder()
    await writeFile(join(data, '.rollcall.lock'), JSON.stringify({ pid, startTicks: 1 }))
    await ServerProcess.start(['--data', data])
  })

  it('is free when the lock cannot be read', async () => {
    const data = await temporaryFolder()
    await writeFile(join(data, '.rollcall.lock'), '')
    await startServer({ data })
  })
})
