/** A small real file system, to be filled. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** How it can be mounted here: as root, or in a user namespace whose files are reached by /proc. */
const WAY = ['mount', 'namespace'].find((way) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-try-'))
  const mount = `mount -t tmpfs -o size=1m tmpfs ${folder}`
  try {
    if (way === 'mount') execFileSync('sh', ['-c', `${mount} && umount ${folder}`], { stdio: 'ignore' })
    else execFileSync('unshare', ['-rm', 'sh', '-c', mount], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
})

/** Whether this machine lets us mount. Where it does not, tests are left out, and the run says so. */
export const canMount = WAY !== undefined
if (!canMount)
  console.warn(
    'LEFT OUT: tests of a full disk. No tmpfs can be mounted, neither as root nor by unshare -rm: run them as root.',
  )

/** An empty tmpfs of this size, which goes when the test ends. */
export async function smallDisk(sizeBytes: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-disk-'))
  const mount = `mount -t tmpfs -o size=${sizeBytes} tmpfs ${folder}`
  if (WAY === 'mount') {
    execFileSync('sh', ['-c', mount])
    onTestFinished(() => {
      execFileSync('umount', ['--lazy', folder])
      rmdirSync(folder)
    })
    return folder
  }
  const holder = spawn('unshare', ['-rm', 'sh', '-c', `${mount} && echo ready && exec sleep 600`])
  onTestFinished(() => {
    holder.kill('SIGKILL')
    rmdirSync(folder)
  })
  await once(holder.stdout, 'data')
  return `/proc/${holder.pid}/root${folder}`
}

/** Bytes that are free to those who are not root. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
