/** The server's wall clock steps in mid-recording: what is recorded does not notice, later recordings carry the new time. */

import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDocument } from '../../src/library/recover.ts'
import { verifyFolder } from '../../src/library/verify.ts'
import { folderStamp } from '../../src/time.ts'
import { Faults } from '../support/faults.ts'
import { testPictures } from '../support/ffmpeg.ts'
import { printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { TestPhone } from '../support/phone.ts'
import { ServerProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const HOUR_MS = 3_600_000
const INTERVAL_MS = 100
/** In each of three stretches: before the step, after it, and after a step back. */
const PICTURES = 10
/** Between what two clocks of one machine say, asked one after the other on a machine with much to do. */
const NEAR_MS = 20_000

/** Records with one camera through a step, and then the same camera's next recording. */
async function throughStep(stepMs: number) {
  const data = await temporaryFolder()
  const faults = await Faults.below(data)
  const args = ['--data', data, '--no-thumbnails']
  const server = await ServerProcess.start(args, { env: faults.env })
  const phone = await TestPhone.connect(server.port)
  const pictures = await testPictures(3 * PICTURES)
  const send = async (from: number, to: number) => {
    for (let i = from; i < to; i += 1) phone.packet(1000 + i * INTERVAL_MS, pictures[i]!)
    await phone.acknowledged()
  }
  const begunMs = Date.now()
  phone.status('capture_started')
  await send(0, PICTURES)
  faults.setClockOffset(stepMs)
  await send(PICTURES, 2 * PICTURES)
  faults.setClockOffset(0)
  await send(2 * PICTURES, 3 * PICTURES)
  faults.setClockOffset(stepMs)
  phone.status('capture_stopped')
  await phone.acknowledged()
  await until('the first is closed', async () => {
    const [folder] = await recordingsIn(data)
    return (await readDocument(folder!))?.state === 'closed'
  })
  phone.sequence = 0
  phone.status('capture_started')
  await send(0, PICTURES)
  phone.status('capture_stopped')
  await phone.acknowledged()
  expect(await server.end('SIGTERM')).toBe(0)
  const documents = await Promise.all((await recordingsIn(data)).map(documentIn))
  const first = documents.find(({ pictures }) => pictures === 3 * PICTURES)!
  const next = documents.find((document) => document !== first)!
  return { data, first, next, begunMs }
}

describe.each([
  ['forwards', HOUR_MS],
  ['backwards', -HOUR_MS],
])('a wall clock that steps an hour %s', (way, stepMs) => {
  it('changes nothing in a recording that runs; the next carries the new time', async () => {
    const { data, first, next, begunMs } = await throughStep(stepMs)
    // Its name and its start are of the clock at its start; all that follows is that and what a steady clock says.
    expect(basename(first.id)).toBe(`${first.camera}_${folderStamp(first.startedAtMs)}`)
    expect(Math.abs(first.startedAtMs - begunMs)).toBeLessThan(NEAR_MS)
    expect(first.endedAtMs! - first.startedAtMs).toBeGreaterThanOrEqual(0)
    expect(first.endedAtMs! - first.startedAtMs).toBeLessThan(NEAR_MS)
    expect(first).toMatchObject({ state: 'closed', pictures: 3 * PICTURES })
    expect(first.parts).toHaveLength(1)
    expect(first.durationMs).toBe(3 * PICTURES * INTERVAL_MS)
    expect(first.integrity).toMatchObject({ missing: 0, gapCount: 0, backwardTimes: 0 })
    const arrivals = (await rowsIn(`${data}/${first.id}`)).map((row) => Number(row[2]))
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b))
    expect(arrivals.at(-1)! - arrivals[0]!).toBeLessThan(NEAR_MS)

    expect(Math.abs(next.startedAtMs - begunMs - stepMs)).toBeLessThan(NEAR_MS)
    expect(next.id).toBe(`${next.camera}_${folderStamp(next.startedAtMs)}`)
    expect(next).toMatchObject({ state: 'closed', pictures: PICTURES, durationMs: PICTURES * INTERVAL_MS })
    for (const { id } of [first, next]) expect(await verifyFolder(`${data}/${id}`)).toEqual([])
    const spanMs = arrivals.at(-1)! - arrivals[0]!
    printFigure(
      'clock',
      `a step of an hour ${way}: ${first.pictures} pictures, ${first.durationMs} ms, arrivals in order over ${spanMs} ms`,
    )
  })
})

describe('takes and recordings on either side of a step back', () => {
  it('have names of their own, and no folder is used again', async () => {
    const data = await temporaryFolder()
    const faults = await Faults.below(data)
    const args = ['--data', data, '--no-thumbnails', '--stop-wait-ms', '0']
    const server = await ServerProcess.start(args, { env: faults.env })
    const phone = await TestPhone.connect(server.port)
    const [picture] = await testPictures(3 * PICTURES)
    const takes = new Set<string>()
    for (const [round, offsetMs] of [0, HOUR_MS, -HOUR_MS, 0].entries()) {
      faults.setClockOffset(offsetMs)
      server.type('start')
      const said = await until('a take', () => [...server.output.matchAll(/(take_\w+): starting/g)][round])
      takes.add(said[1]!)
      phone.sequence = 0
      phone.status('capture_started')
      phone.packet(1000, picture!)
      await phone.acknowledged()
      server.type('stop')
      phone.status('capture_stopped')
      await phone.acknowledged()
      await until('they are closed', async () => {
        const documents = await Promise.all((await recordingsIn(data)).map(readDocument))
        return documents.length === round + 1 && documents.every((document) => document?.state === 'closed')
      })
    }
    expect(takes.size).toBe(4)
  })
})
