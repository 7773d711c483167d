/** What the kernel knows of a process and of the machine. Linux only. */

import { closeSync, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** Unit of the times in /proc/PID/stat: `getconf CLK_TCK`, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const MIB = 1024 * 1024

/** CPU seconds of a process since it began. */
export interface CpuTime {
  user: number
  system: number
  /** User and system time of the children that it has waited for. */
  children: number
}

/** Fields 14 to 17 of /proc/PID/stat (proc(5)). */
export function cpuTime(pid: number): CpuTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map((f) => Number(f) / TICKS_PER_SECOND)
  return { user: user!, system: system!, children: childUser! + childSystem! }
}

export function totalCpu({ user, system, children }: CpuTime): number {
  return user + system + children
}

/** Resident memory of a process in bytes. */
export function rssBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
}

/** Memory that can be had without swapping, in bytes. */
export function availableMemoryBytes(): number {
  const line = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}

export async function freeDiskBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/**
 * Takes memory from the machine and gives it back, so that what is measured next finds it warm.
 *
 * On virtual machines whose host takes free memory back, the first touch of a page costs ten times what writing it
 * costs. A host may take it back after about 2 s again: begin to measure at once.
 *
 * @returns CPU seconds a GB that this took: high when memory was cold.
 */
export function warmMemory(folder: string, bytes: number): number {
  const path = join(folder, '.warm')
  const piece = Buffer.alloc(MIB, 1)
  const before = process.cpuUsage()
  const file = openSync(path, 'w')
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece)
  closeSync(file)
  unlinkSync(path)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 / (bytes / 1e9)
}

/** Bytes a second that the disk takes, synced. */
export function diskSpeed(folder: string, bytes: number): number {
  const path = join(folder, '.disk')
  const piece = Buffer.alloc(MIB, 1)
  const startedMs = performance.now()
  const file = openSync(path, 'w')
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece)
  fsyncSync(file)
  closeSync(file)
  unlinkSync(path)
  return bytes / ((performance.now() - startedMs) / 1000)
}

/** For the results: what the figures were measured on. */
export function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    linux: release(),
    node: process.version,
  }
}
