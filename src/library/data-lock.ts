/**
 * One server for each data folder: a second one would close the recordings of the first under its hands.
 *
 * The lock is a file that names the process. What a killed server left is told from a live one by its process id, and on
 * Linux by the time at which that process began and the boot, so that a reused id frees it too.
 */

import { createHash, randomUUID } from 'node:crypto'
import { link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError, StorageError } from '../errors.ts'
import { readText } from './atomic-file.ts'

const LOCK_FILE = '.rollcall.lock'
/** Fields of /proc/<pid>/stat behind the name: the state, and the start time (proc(5), fields 3 and 22). */
const STATE_FIELD = 0
const START_FIELD = 19
/** Characters of a hash that tell one abandoned lock from another. */
const HASH_CHARS = 16
/** File systems without hard links, such as exFAT, answer with one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'])

interface Holder {
  pid: number
  /** In clock ticks since the machine's boot; null where the system does not tell. */
  startTicks: number | null
  /** Of the machine's boot; null where the system does not tell. Locks of earlier releases have none. */
  boot?: string | null
}

/**
 * Takes the data folder for this process. Of several that ask at once one gets it.
 *
 * @returns Gives it back. May be called twice.
 * @throws {RequestError} `DATA_FOLDER_IN_USE` while another server has it.
 * @throws {StorageError} `STORAGE_FAILED` when something lies in the place of the lock that cannot be read.
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_FILE)
  const holder = await take(path, path)
  if (holder !== undefined)
    throw new RequestError(
      'DATA_FOLDER_IN_USE',
      `the data folder ${dataDir} belongs to the Rollcall of process ${holder}: end that, or give this one another --data`,
    )
  let held = true
  return async () => {
    if (!held) return
    held = false
    await rm(path, { force: true })
  }
}

/**
 * Makes a lock file that is ours.
 *
 * An abandoned one is replaced only by who holds the lock on its replacement, a file named after its content: otherwise
 * of two that find it, the slower could replace the lock of the faster. The same holds for that file in its turn.
 *
 * @returns The process that has the lock; undefined when it is ours now.
 */
async function take(path: string, base: string): Promise<number | undefined> {
  const own = `${base}.${randomUUID()}.tmp`
  const [ticks, boot] = await Promise.all([startTicks(process.pid), bootId()])
  const content = { pid: process.pid, startTicks: ticks, boot, token: randomUUID() }
  try {
    for (;;) {
      await writeFile(own, JSON.stringify(content))
      if (await placeNew(own, path)) return undefined
      const found = await readText(path).catch((cause) => cannotRead(path, cause))
      if (found === undefined) continue
      const holder = await livePid(found)
      if (holder !== undefined) return holder
      const claim = `${base}.${createHash('sha256').update(found).digest('hex').slice(0, HASH_CHARS)}`
      const claimant = await take(claim, base)
      if (claimant !== undefined) return claimant
      try {
        if ((await readText(path).catch(() => undefined)) !== found) continue
        await rename(own, path)
        return undefined
      } finally {
        await rm(claim, { force: true })
      }
    }
  } finally {
    await rm(own, { force: true })
  }
}

/**
 * A lock may be given back between two looks; a folder, a link to nowhere or a file of somebody else stays.
 *
 * @returns undefined when it is gone.
 */
async function cannotRead(path: string, cause: NodeJS.ErrnoException): Promise<undefined> {
  if (cause.code === 'ENOENT' && !(await lstat(path).catch(() => undefined))?.isSymbolicLink()) return
  throw new StorageError('STORAGE_FAILED', `the lock ${path} cannot be read: ${cause.message}`, { cause })
}

/** Gives a file its name unless that is taken: whole from its first moment on. */
async function placeNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!NO_LINKS.has(code)) throw error
  }
  try {
    await writeFile(to, await readFile(from), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The process that has a data folder; undefined when none lives. */
export async function liveHolder(dataDir: string): Promise<number | undefined> {
  const content = await readText(join(dataDir, LOCK_FILE)).catch(() => '')
  return livePid(content)
}

/** The process that a lock names, if it is still that one. */
async function livePid(content: string): Promise<number | undefined> {
  const holder = parseHolder(content)
  if (!holder || !isAlive(holder.pid)) return undefined
  if (holder.boot !== undefined && holder.boot !== (await bootId())) return undefined
  return (await startTicks(holder.pid)) === holder.startTicks ? holder.pid : undefined
}

function parseHolder(content: string): Holder | undefined {
  try {
    const { pid, startTicks, boot } = JSON.parse(content)
    return Number.isInteger(pid) && pid > 0 ? { pid, startTicks, boot } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process began. One that has ended and waits for its parent is told apart from all that run. */
async function startTicks(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // The name may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[STATE_FIELD] === 'Z' ? Number.NaN : Number(fields[START_FIELD])
  } catch {
    return null
  }
}

async function bootId(): Promise<string | null> {
  return readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
    (text) => text.trim(),
    () => null,
  )
}
