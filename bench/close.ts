/** Stop means ready: what closing takes, against the length of the recording. */

import { Module, withFolder } from './children.ts'
import type { CloseFigures, CloseJob } from './close-child.ts'
import { type Context, medianOf, type PartResult } from './report.ts'

const LENGTHS = [1000, 10_000, 100_000, 1_000_000]
const QUICK_LENGTHS = [1000, 10_000, 100_000]
const ROUNDS = 5
const QUICK_ROUNDS = 1
/** Issue 2, 4: the longest recording against the shortest, in ms, of one turn of the event loop, and of memory. */
const TARGET = { ratio: 10, closeMs: 1000, blockMs: 50, bytesPerPicture: 64 } as const

export async function close(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const lengths = quick ? QUICK_LENGTHS : LENGTHS
  const rounds: CloseFigures[][] = []
  for (let i = 0; i < (context.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS)); i += 1) {
    const round: CloseFigures[] = []
    for (const pictures of lengths)
      round.push(await withFolder(temp, (data) => measure({ pictures, data }, context)))
    rounds.push(round)
    const times = round.map(
      ({ pictures, closeMs }) => `${pictures.toLocaleString('en-US')}: ${closeMs.toFixed(1)} ms`,
    )
    say(`round ${i + 1}: ${times.join(', ')}`)
  }
  const of = (index: number, key: keyof CloseFigures) => medianOf(rounds.map((round) => round[index]![key]))
  const last = lengths.length - 1
  const ratio = medianOf(rounds.map((round) => round[last]!.closeMs / round[0]!.closeMs))
  const longest = `${lengths[last]!.toLocaleString('en-US')} pictures`
  const { bytesPerPicture } = TARGET
  return {
    figures: [
      ...lengths.map((pictures, i) => ({
        name: `closing ${pictures.toLocaleString('en-US')} pictures`,
        value: of(i, 'closeMs'),
        unit: 'ms',
        ...(i === last ? { atMost: TARGET.closeMs } : {}),
      })),
      {
        name: `${longest} / ${lengths[0]!.toLocaleString('en-US')}`,
        value: ratio,
        unit: '×',
        atMost: TARGET.ratio,
      },
      {
        name: 'longest block of the event loop',
        value: of(last, 'blockMs'),
        unit: 'ms',
        atMost: TARGET.blockMs,
      },
      {
        name: 'memory of an open recording',
        value: of(last, 'heldBytes'),
        unit: 'B/picture',
        atMost: bytesPerPicture,
      },
      {
        name: 'of that the sample table',
        value: of(last, 'tableBytes'),
        unit: 'B/picture',
        atMost: bytesPerPicture,
      },
    ],
    rounds,
    notes: ['closing: from capture_stopped to the last recording.json; all pictures were on the disk before'],
  }
}

async function measure(job: CloseJob, { nodeFlags }: Context): Promise<CloseFigures> {
  const module = new Module<CloseFigures>('./close-child.ts', job, [...nodeFlags, '--expose-gc'])
  try {
    return await module.next()
  } finally {
    module.kill()
  }
}
