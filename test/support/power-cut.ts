/**
 * A disk that loses power: what is on it after any prefix of the calls that a server made.
 *
 * A file keeps for certain what was written before its last fsync or fdatasync began, a folder those names that it had
 * before its own. Of all else each piece is there or not, as chance has it: of a write whole blocks, with zeros where
 * one is missing; of a rename the old name or the new one.
 */

import { constants } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Call } from './disk-log.ts'

const BLOCK_BYTES = 4096

/** What happens to that which was not synced. */
export type Fate = 'lost' | 'kept' | 'by chance'

type Change =
  | { kind: 'write'; offset: number; data: Buffer }
  | { kind: 'truncate'; length: number }
  | { kind: 'name'; name: string; node: Node | undefined }[]

/** A file or a folder, with what of it is durable and what was changed since. */
class Node {
  readonly isFolder: boolean
  content: Buffer = Buffer.alloc(0)
  readonly durableNames = new Map<string, Node>()
  readonly names = new Map<string, Node>()
  pending: Change[] = []
  /** How many of `pending` each running sync covers. */
  syncs: number[] = []

  constructor(isFolder: boolean) {
    this.isFolder = isFolder
  }

  rename(changes: { name: string; node: Node | undefined }[]): void {
    for (const { name, node } of changes)
      if (node) this.names.set(name, node)
      else this.names.delete(name)
    this.pending.push(changes.map((change) => ({ kind: 'name', ...change })))
  }

  /** What a finished sync covered is durable. */
  settle(): void {
    const covered = this.syncs.shift() ?? 0
    for (const change of this.pending.splice(0, covered)) {
      if (Array.isArray(change)) applyNames(this.durableNames, change)
      else this.content = applied(this.content, change)
    }
    this.syncs = this.syncs.map((count) => Math.max(0, count - covered))
  }
}

/** A disk, call by call. */
export class PowerCutDisk {
  readonly #root: string
  readonly #folder = new Node(true)
  readonly #open = new Map<string, Node>()

  /** @param root - The folder that the calls speak of; it is there, and empty. */
  constructor(root: string) {
    this.#root = root
  }

  /** A disk on which everything that lies in the folder now is durable. */
  static async of(root: string): Promise<PowerCutDisk> {
    const disk = new PowerCutDisk(root)
    for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name)
      const node = new Node(entry.isDirectory())
      if (!node.isFolder) node.content = await readFile(path)
      disk.#name(path, node)
    }
    disk.#settleAll(disk.#folder)
    return disk
  }

  apply(call: Call): void {
    const { op, id, path, to, offset, data } = call
    const file = this.#open.get(id)
    if (op === 'create') this.#create(call)
    else if (op === 'open' || op === 'opendir') this.#opened(id, this.#find(path))
    else if (op === 'mkdir') this.#name(path, new Node(true))
    else if (op === 'write') file?.pending.push({ kind: 'write', offset, data })
    else if (op === 'truncate') file?.pending.push({ kind: 'truncate', length: offset })
    else if (op === 'syncbegin') file?.syncs.push(file.pending.length)
    else if (op === 'syncend') file?.settle()
    else if (op === 'unlink' || op === 'rmdir') this.#name(path, undefined)
    else if (op === 'link') this.#name(to, this.#find(path))
    else if (op === 'rename') this.#rename(path, to)
    else throw new Error(`the log has an unknown call ${op}`)
  }

  /** Writes into an empty folder what is there when the power comes back. */
  async writeTo(target: string, fate: Fate, random: () => number): Promise<void> {
    const isKept = () => fate === 'kept' || (fate === 'by chance' && random() < 0.5)
    const write = async (node: Node, path: string): Promise<void> => {
      if (!node.isFolder) return writeFile(path, fileAfter(node, isKept))
      await mkdir(path, { recursive: true })
      const names = new Map(node.durableNames)
      for (const change of node.pending) if (Array.isArray(change) && isKept()) applyNames(names, change)
      for (const [name, child] of names) await write(child, join(path, name))
    }
    await write(this.#folder, target)
  }

  #settleAll(folder: Node): void {
    folder.syncs.push(folder.pending.length)
    folder.settle()
    for (const node of folder.names.values()) if (node.isFolder) this.#settleAll(node)
  }

  #create({ id, path, offset: flags }: Call): void {
    const known = this.#find(path)
    if (known && flags & constants.O_TRUNC) known.pending.push({ kind: 'truncate', length: 0 })
    if (!known) this.#name(path, new Node(false))
    this.#opened(id, this.#find(path))
  }

  #opened(id: string, node: Node | undefined): void {
    if (node) this.#open.set(id, node)
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from)
    if (dirname(from) !== dirname(to)) {
      this.#name(to, node)
      this.#name(from, undefined)
      return
    }
    this.#find(dirname(from))?.rename([
      { name: from.slice(dirname(from).length + 1), node: undefined },
      { name: to.slice(dirname(to).length + 1), node },
    ])
  }

  #name(path: string, node: Node | undefined): void {
    this.#find(dirname(path))?.rename([{ name: path.slice(dirname(path).length + 1), node }])
  }

  #find(path: string): Node | undefined {
    const names = path.slice(this.#root.length).split('/').filter(Boolean)
    return names.reduce<Node | undefined>((node, name) => node?.names.get(name), this.#folder)
  }
}

function applyNames(
  names: Map<string, Node>,
  changes: readonly { name: string; node: Node | undefined }[],
): void {
  for (const { name, node } of changes)
    if (node) names.set(name, node)
    else names.delete(name)
}

function applied(content: Buffer, change: Exclude<Change, unknown[]>): Buffer {
  if (change.kind === 'truncate') return resized(content, change.length)
  const end = change.offset + change.data.length
  const whole = end > content.length ? resized(content, end) : Buffer.from(content)
  change.data.copy(whole, change.offset)
  return whole
}

function resized(content: Buffer, length: number): Buffer {
  const whole = Buffer.alloc(length)
  content.copy(whole, 0, 0, Math.min(length, content.length))
  return whole
}

/** The content of a file after the cut, unsynced writes kept or not block by block. */
function fileAfter(node: Node, isKept: () => boolean): Buffer {
  let content = node.content
  for (const change of node.pending) {
    if (Array.isArray(change)) continue
    if (change.kind === 'truncate') {
      if (isKept()) content = applied(content, change)
      continue
    }
    const { offset, data } = change
    for (let at = 0; at < data.length; ) {
      // Up to the end of the block of the file.
      const length = Math.min(data.length - at, BLOCK_BYTES - ((offset + at) % BLOCK_BYTES))
      if (isKept())
        content = applied(content, {
          kind: 'write',
          offset: offset + at,
          data: data.subarray(at, at + length),
        })
      at += length
    }
  }
  return content
}
