/** What the list of recordings takes, over HTTP, on a server that has very many. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateRecording, generateRecordings } from '../test/support/generated.ts'
import { withFolder } from './children.ts'
import { type Context, median, medianOf, type PartResult } from './report.ts'
import { startRollcall } from './rollcall.ts'

const RECORDINGS = 10_000
const QUICK_RECORDINGS = 1000
const ROUNDS = 3
/** Of each kind, in a round. */
const REQUESTS = 50
const QUICK_REQUESTS = 10
/** Issue 4, in ms. */
const TARGET_MS = 50

const QUERIES = {
  'the newest 100': 'sort=newest',
  'the largest 500': 'sort=largest&limit=500',
  'a text that ten match': 'text=20260105+10.0.0.3+_09',
  'a page from the middle': 'sort=oldest',
} as const
type Kind = keyof typeof QUERIES | 'the newest 100, a folder came by hand'

interface Round {
  /** From the start of the process to its first line, with no recording and with all, in ms. */
  startMs: { empty: number; full: number }
  /** From there to the first list. */
  firstListMs: number
  /** What a server without recordings takes for its list: the machine's own time. */
  emptyListMs: number
  /** Medians and longest, in ms. */
  lists: Record<Kind, { medianMs: number; longestMs: number }>
}

export async function list(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const recordings = quick ? QUICK_RECORDINGS : RECORDINGS
  const rounds: Round[] = []
  await withFolder(temp, async (data) => {
    await generateRecordings(data, recordings)
    for (let i = 0; i < (context.rounds ?? (quick ? 1 : ROUNDS)); i += 1) {
      const round = await measure(data, recordings, i, context)
      rounds.push(round)
      const { empty, full } = round.startMs
      const texts = Object.entries(round.lists).map(
        ([kind, { medianMs }]) => `${kind} ${medianMs.toFixed(1)}`,
      )
      say(
        `round ${i + 1}: start ${empty.toFixed(0)} ms empty, ${full.toFixed(0)} full, ` +
          `first list after ${round.firstListMs.toFixed(0)}; ${texts.join(', ')}`,
      )
    }
  })
  const kinds = Object.keys(rounds[0]!.lists) as Kind[]
  const count = recordings.toLocaleString('en-US')
  return {
    figures: [
      ...kinds.map((kind) => ({
        name: `${kind}, median`,
        value: medianOf(rounds.map((round) => round.lists[kind].medianMs)),
        unit: 'ms',
        atMost: TARGET_MS,
      })),
      {
        name: 'a server with no recording, median',
        value: medianOf(rounds.map(({ emptyListMs }) => emptyListMs)),
        unit: 'ms',
      },
      {
        name: 'the longest of all',
        value: medianOf(
          rounds.map((round) => Math.max(...Object.values(round.lists).map(({ longestMs }) => longestMs))),
        ),
        unit: 'ms',
      },
      {
        name: 'start: with them / with none',
        value: medianOf(rounds.map(({ startMs }) => startMs.full / startMs.empty)),
        unit: '×',
      },
      {
        name: 'from the start to the first list',
        value: medianOf(rounds.map(({ firstListMs }) => firstListMs)),
        unit: 'ms',
      },
    ],
    rounds,
    notes: [`${count} recordings; request and answer over HTTP on one machine, JSON read by the client`],
  }
}

async function measure(data: string, recordings: number, round: number, context: Context): Promise<Round> {
  const { nodeFlags, quick, temp } = context
  const requests = quick ? QUICK_REQUESTS : REQUESTS
  const start = async (folder: string) => {
    const beganMs = performance.now()
    const { child, port } = await startRollcall(folder, { probe: false, nodeFlags })
    return { child, port, tookMs: performance.now() - beganMs }
  }
  const empty = await withFolder(temp, async (folder) => {
    const { child, port, tookMs } = await start(folder)
    const ask = await asking(folder, port)
    const times: number[] = []
    for (let n = 0; n < requests; n += 1) times.push((await ask('')).tookMs)
    await child.end('SIGTERM')
    return { tookMs, listMs: median(times) }
  })
  const { child, port, tookMs } = await start(data)
  try {
    const ask = await asking(data, port)
    const first = await ask('')
    if (first.page.total < recordings) throw new Error(`${first.page.total} of ${recordings} are listed`)
    const cursor = (await ask(`sort=oldest&limit=500`)).page.next
    const measured = async (query: string, before = async (_n: number) => {}) => {
      const times: number[] = []
      for (let n = 0; n < requests; n += 1) {
        await before(n)
        times.push((await ask(query)).tookMs)
      }
      return { medianMs: median(times), longestMs: Math.max(...times) }
    }
    const lists = {} as Round['lists']
    for (const [kind, query] of Object.entries(QUERIES) as [keyof typeof QUERIES, string][])
      lists[kind] = await measured(kind === 'a page from the middle' ? `${query}&cursor=${cursor}` : query)
    lists['the newest 100, a folder came by hand'] = await measured('', async (n) => {
      await generateRecording(data, n, { camera: `by-hand-${round}-${n}` })
    })
    return {
      emptyListMs: empty.listMs,
      startMs: { empty: empty.tookMs, full: tookMs },
      firstListMs: first.tookMs,
      lists,
    }
  } finally {
    await child.end('SIGTERM')
  }
}

async function asking(data: string, port: number) {
  const { accessToken } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  return async (query: string) => {
    const beganMs = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}/api/recordings?${query}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    const page = (await response.json()) as { total: number; next: string | null }
    return { tookMs: performance.now() - beganMs, page }
  }
}
