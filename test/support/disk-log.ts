/** The log of fault-shim.c, read back: every call that changed something on the disk, in order. */

import { readFile } from 'node:fs/promises'

/** One call. */
export interface Call {
  /** CLOCK_MONOTONIC, ms. */
  atMs: number
  op: string
  /** Of the opened file; 0 for calls by name. */
  id: string
  offset: number
  path: string
  /** New name of a rename or link. */
  to: string
  data: Buffer
}

const NEWLINE = 10
const NS_PER_MS = 1e6

/** Reads a log whose process has ended. */
export async function readLog(path: string): Promise<Call[]> {
  const bytes = await readFile(path)
  const calls: Call[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at)
    const [ns, op, id, offset, length, ...names] = bytes.toString('utf8', at, end).split(' ')
    const [from = '', to = ''] = names.join(' ').split('\t')
    at = end + 1 + Number(length)
    const data = bytes.subarray(end + 1, at)
    calls.push({
      atMs: Number(ns) / NS_PER_MS,
      op: op!,
      id: id!,
      offset: Number(offset),
      path: from,
      to,
      data,
    })
  }
  return calls
}
