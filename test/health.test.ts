/** /api/health of real servers: on a good disk, on one that is full, and without its data folder. */

import { execFileSync } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './support/folders.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const SMALL_BYTES = 8 * 1024 * 1024

async function health(port: number, query = '') {
  const response = await fetch(`http://127.0.0.1:${port}/api/health${query}`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body = (await response.json()) as { ready: boolean; reasons: { code: string }[] }
  return { status: response.status, ...body }
}

it('is 200 when a recording could begin', async () => {
  const { port } = await startServer({ thumbnails: false })
  // A machine that has much else to do may come late to its work at first.
  const answer = await until('health', async () => {
    const found = await health(port)
    return found.ready && found
  })
  expect(answer).toEqual({ status: 200, live: true, ready: true, reasons: [] })
})

it('is 503 with the reason when the data folder is gone, 200 for who asks for life alone, and heals', async () => {
  const { port, data } = await startServer({ thumbnails: false })
  await rename(data, `${data}-gone`)
  const { status, reasons } = await until('a fault', async () => {
    const answer = await health(port)
    return answer.reasons.some(({ code }) => code === 'data-folder-not-writable') && answer
  })
  expect(status).toBe(503)
  expect(reasons).toContainEqual({
    code: 'data-folder-not-writable',
    message: 'the data folder takes no file: ENOENT',
  })
  expect(await health(port, '?check=live')).toMatchObject({ status: 200, live: true, ready: false })
  expect(JSON.stringify(reasons)).not.toContain(data)
  await rename(`${data}-gone`, data)
  await until('health', async () => (await health(port)).status === 200)
})

it.skipIf(!mayMount())(
  'is 503 with what is left when the disk is too small (left out where it may not mount)',
  async () => {
    const data = await temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_BYTES}`, 'tmpfs', data])
    onTestFinished(() => {
      execFileSync('umount', ['-l', data])
    })
    const { port } = await startServer({ data, thumbnails: false })
    const { status, reasons } = await health(port)
    expect(status).toBe(503)
    expect(reasons).toContainEqual({
      code: 'space-low',
      message: expect.stringMatching(/^8\d{6} bytes are free, at least/),
    })
  },
)

function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
