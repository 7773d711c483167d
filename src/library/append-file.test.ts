import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { AppendFile } from './append-file.ts'

it('is synced only once a forced write that another call began has ended', async () => {
  const path = join(await temporaryFolder(), 'file')
  const file = await AppendFile.create(path)
  await file.append([Buffer.from('x')])
  const probe = await open(path)
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  const datasync = vi.spyOn(Object.getPrototypeOf(probe), 'datasync').mockReturnValueOnce(promise)
  const order: string[] = []
  const first = file.sync().then(() => order.push('first'))
  const second = file.sync().then(() => order.push('second'))
  await new Promise((tick) => setImmediate(tick))
  expect(order).toEqual([])
  resolve()
  await Promise.all([first, second])
  expect(datasync).toHaveBeenCalledTimes(1)
  datasync.mockRestore()
  await probe.close()
  await file.close()
})
