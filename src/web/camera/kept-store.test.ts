import { afterEach, expect, it, vi } from 'vitest'
import { newNote } from './kept-capture.ts'
import { KeptStore } from './kept-store.ts'

/** A folder of the origin private file system, as far as what was left is read from it (WHATWG File System). */
class Folder {
  readonly kind = 'directory'
  readonly name: string
  readonly entries = new Map<string, Folder | { kind: 'file'; text: string }>()

  constructor(name: string) {
    this.name = name
  }

  async *values() {
    yield* this.entries.values()
  }

  async *keys() {
    yield* this.entries.keys()
  }

  async getDirectoryHandle(name: string): Promise<Folder> {
    const folder = (this.entries.get(name) as Folder | undefined) ?? new Folder(name)
    this.entries.set(name, folder)
    return folder
  }

  async getFileHandle(name: string) {
    const { text } = this.entries.get(name) as { text: string }
    return { getFile: async () => new Blob([text]) }
  }

  async removeEntry(name: string): Promise<void> {
    this.entries.delete(name)
  }
}

afterEach(() => vi.unstubAllGlobals())

it('keeps a capture of which nothing is left until the server knows, and removes one that has nothing to tell', async () => {
  const root = new Folder('')
  vi.stubGlobal('FileSystemFileHandle', { prototype: { createSyncAccessHandle: () => {} } })
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => root } })
  const store = await KeptStore.open()
  const [captures] = [...root.entries.values()] as [Folder]
  const leave = async (id: string, note: object) => {
    const folder = await captures.getDirectoryHandle(id)
    folder.entries.set('capture.json', { kind: 'file', text: JSON.stringify(note) })
  }
  await leave('c-later', { ...newNote('', 'take-1'), startedAtMs: 2, dropped: 12, droppedTo: 12 })
  await leave('c-first', {
    ...newNote('', null),
    startedAtMs: 1,
    dropped: 3,
    droppedTo: 40,
    acknowledged: 37,
  })
  await leave('c-known', { ...newNote('', null), dropped: 12, droppedTo: 12, acknowledged: 12 })
  await leave('c-empty', newNote('', null))
  const left = await store!.left(() => ({ onSegment: () => {}, onFull: () => {} }))
  expect(
    left.map(([{ id, take, dropped, neededFrom, next }]) => [id, take, dropped, neededFrom, next]),
  ).toEqual([
    ['c-first', null, 3, 37, 40],
    ['c-later', 'take-1', 12, 0, 12],
  ])
  expect([...captures.entries.keys()]).toEqual(['c-later', 'c-first'])
})
