/** The library as the page holds it: one list, loaded in pages, kept right by the room's events. */

import { computed, signal } from '@preact/signals'
import type { RoomEvent } from '../../wire/api/events.ts'
import type { RecordingPatch, RecordingSummary, RecordingsPage } from '../../wire/api/recordings.ts'
import { calledOf } from '../../wire/take-cameras.ts'
import { api, problemOf } from '../api/client.ts'
import { onRoomEvent } from '../api/room.ts'
import { toast } from '../components/toasts.tsx'
import { kept } from '../kept.ts'
import { t } from './library-texts.ts'
import {
  EVERYTHING,
  type Group,
  type Grouping,
  grouped,
  isNarrowed,
  matches,
  type Query,
  searchParams,
  withPage,
  withRecording,
  withSame,
} from './listing.ts'

/** Recordings of one page; the next is fetched before the end comes into sight. */
const PAGE = 100
/** Typing rests so long before the server is asked, in ms. */
const TYPING_MS = 200

export type ListState = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: unknown }

const groupingKept = kept('library-grouping')

export const query = signal<Query>(EVERYTHING)
export const grouping = signal<Grouping>(groupingKept.read() === 'day' ? 'day' : 'take')
export const listState = signal<ListState>({ kind: 'loading' })
export const recordings = signal<readonly RecordingSummary[]>([])
/** How many match in all. */
export const total = signal(0)
/** How many cameras each take has, as far as the server has told. */
export const takeCameras = signal<RecordingsPage['takeCameras']>({})
/** What the cameras of all recordings are called. */
export const cameraNames = signal<ReadonlySet<string>>(new Set())
/** The next page could not be had; it is tried again when asked for. */
export const moreFailed = signal(false)
export const narrowed = computed(() => isNarrowed(query.value))
/** By length or size neighbours have nothing in common: then each stands by itself. */
export const groups = computed(() => {
  if (!['newest', 'oldest'].includes(query.value.sort)) return undefined
  groupsBefore = withSame(grouped(recordings.value, grouping.value), groupsBefore)
  return groupsBefore
})
let groupsBefore: Group[] = []

let next: string | null = null
let isLoadingMore = false
/** Answers to older questions are not listened to. */
let question = 0
let typing: ReturnType<typeof setTimeout> | undefined

export function setGrouping(chosen: Grouping): void {
  groupingKept.write(chosen)
  grouping.value = chosen
}

/** Changes what is looked for, and asks: at once, or when typing rests. */
export function search(change: Partial<Query>): void {
  query.value = { ...query.peek(), ...change }
  clearTimeout(typing)
  if (change.text === undefined) void load()
  else typing = setTimeout(load, TYPING_MS)
}

/** Loads the first page. What is shown stays until the answer is there. */
export async function load(): Promise<void> {
  question += 1
  const own = question
  if (listState.peek().kind === 'failed') listState.value = { kind: 'loading' }
  try {
    const page = await fetchPage()
    if (own !== question) return
    recordings.value = page.recordings
    total.value = page.total
    takeCameras.value = page.takeCameras
    cameraNames.value = new Set(page.cameras)
    next = page.next
    moreFailed.value = false
    listState.value = { kind: 'ready' }
  } catch (error) {
    if (own === question) listState.value = { kind: 'failed', error }
  }
}

/** Loads the next page, if there is one and none is on its way. */
export async function loadMore(): Promise<void> {
  if (next === null || isLoadingMore) return
  const own = question
  isLoadingMore = true
  try {
    const page = await fetchPage(next)
    if (own !== question) return
    recordings.value = withPage(recordings.peek(), page.recordings)
    total.value = page.total
    takeCameras.value = { ...takeCameras.peek(), ...page.takeCameras }
    next = page.next
    moreFailed.value = false
  } catch {
    moreFailed.value = own === question
  } finally {
    isLoadingMore = false
  }
}

/** Whether the server has more than is loaded. */
export function hasMore(): boolean {
  return next !== null
}

/** Changes title, note or star: shown at once, and back when the server refuses. */
export async function change(recording: RecordingSummary, patch: RecordingPatch): Promise<void> {
  put({ ...recording, ...patch } as RecordingSummary)
  try {
    put(await api<RecordingSummary>('PATCH', pathOf(recording.id), patch))
  } catch (error) {
    put(recording)
    toast({ kind: 'red', text: t().notChanged(problemOf(error)) })
  }
}

/** Deletes it: gone at once, and back when that is wished or the server refuses. */
export async function remove(recording: RecordingSummary): Promise<void> {
  drop(recording.id)
  try {
    await api('DELETE', pathOf(recording.id))
    toast({ text: t().deleted(nameOf(recording)), onUndo: () => void restore(recording) })
  } catch (error) {
    put(recording)
    toast({ kind: 'red', text: t().notDeleted(problemOf(error)) })
  }
}

async function restore(recording: RecordingSummary): Promise<void> {
  try {
    put(await api<RecordingSummary>('POST', `${pathOf(recording.id)}/restore`))
    toast({ kind: 'green', text: t().restored(nameOf(recording)) })
  } catch (error) {
    toast({ kind: 'red', text: t().notRestored(problemOf(error)) })
  }
}

/** Follows the room for as long as the page is open; loads for the first time. Calling it again does nothing. */
export function openLibrary(): void {
  if (isOpen) return
  isOpen = true
  onRoomEvent(hear)
  void load()
}
let isOpen = false

/** The newest that is known of a recording: hears of every change, whether it is in the list or not. */
const listeners = new Set<(id: string, recording: RecordingSummary | undefined) => void>()

/** @returns Call it to stop. */
export function onRecording(
  listener: (id: string, recording: RecordingSummary | undefined) => void,
): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const reloaders = new Set<() => void>()

/** Hears that all must be asked for anew: after a break nobody knows what was missed. @returns Call it to stop. */
export function onReload(listener: () => void): () => void {
  reloaders.add(listener)
  return () => reloaders.delete(listener)
}

function hear(event: RoomEvent): void {
  if (event.type === 'snapshot') {
    void load()
    for (const reload of reloaders) reload()
  }
  if (event.type === 'recording') put(event.recording)
  else if (event.type === 'recording-gone') drop(event.id)
}

function put(recording: RecordingSummary): void {
  for (const listener of listeners) listener(recording.id, recording)
  const called = calledOf(recording)
  if (!cameraNames.peek().has(called)) cameraNames.value = new Set([...cameraNames.peek(), called])
  const before = recordings.peek()
  const wasListed = before.some(({ id }) => id === recording.id)
  recordings.value = withRecording(before, recording, query.peek(), hasMore())
  const isListed = recordings.peek().some(({ id }) => id === recording.id)
  if (isListed !== wasListed) total.value = Math.max(0, total.peek() + (isListed ? 1 : -1))
  // Its place is further back than the list is loaded: the count comes with the next page.
  else if (!isListed && matches(recording, query.peek()))
    total.value = Math.max(total.peek(), before.length + 1)
}

function drop(id: string): void {
  for (const listener of listeners) listener(id, undefined)
  const left = recordings.peek().filter((one) => one.id !== id)
  if (left.length === recordings.peek().length) return
  recordings.value = left
  total.value = Math.max(0, total.peek() - 1)
}

function fetchPage(cursor?: string): Promise<RecordingsPage> {
  return api('GET', `/api/recordings?${searchParams(query.peek(), { limit: PAGE, cursor })}`)
}

/** Where the API has a recording. */
export function pathOf(id: string): string {
  return `/api/recordings/${encodeURIComponent(id)}`
}

/** What people call it: its title, else its camera. */
export function nameOf({ title, cameraName, model, camera }: RecordingSummary): string {
  return title ?? cameraName ?? model ?? camera
}

/** What tells its camera from others, beside the name: nothing for a camera with a name of its own, else its address. */
export function deviceOf({ title, cameraName, model, camera }: RecordingSummary): string | undefined {
  const address = camera.replace(/_\d+$/, '')
  if (title !== null) return cameraName ?? (model === null ? address : `${model} ${address}`)
  return cameraName === null && model !== null ? address : undefined
}
