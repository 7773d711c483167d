/**
 * One server for each data folder: a second one would close the recordings of the first under its hands.
 *
 * The lock is a file that names the process. What a killed server left is told from a live one by its process id, and on
 * Linux by the time at which that process began, so that a reused id frees it too.
 */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../errors.ts'

const LOCK_FILE = '.rollcall.lock'
/** Fields of /proc/<pid>/stat between the name and the start time, `starttime` (proc(5), field 22). */
const START_FIELD_AFTER_NAME = 19

interface Holder {
  pid: number
  /** In clock ticks since the machine's boot; null where the system does not tell. */
  startTicks: number | null
}

/**
 * Takes the data folder for this process.
 *
 * @returns Gives it back. May be called twice.
 * @throws {RequestError} `DATA_FOLDER_IN_USE` while another server has it.
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_FILE)
  const holder = await liveHolder(dataDir)
  if (holder !== undefined)
    throw new RequestError(
      'DATA_FOLDER_IN_USE',
      `the data folder ${dataDir} belongs to the Rollcall of process ${holder}: end that, or give this one another --data`,
    )
  const content: Holder = { pid: process.pid, startTicks: await startTicks(process.pid) }
  await writeFile(path, JSON.stringify(content))
  return () => rm(path, { force: true })
}

/** The process that has a data folder; undefined when none lives. */
export async function liveHolder(dataDir: string): Promise<number | undefined> {
  const holder = await readHolder(join(dataDir, LOCK_FILE))
  if (!holder || !isAlive(holder.pid)) return undefined
  return (await startTicks(holder.pid)) === holder.startTicks ? holder.pid : undefined
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { pid, startTicks } = JSON.parse(await readFile(path, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? { pid, startTicks } : undefined
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

async function startTicks(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // The name may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[START_FIELD_AFTER_NAME])
  } catch {
    return null
  }
}
