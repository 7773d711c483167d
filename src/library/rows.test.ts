import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { ROWS_HEADER } from '../recording/recording.ts'
import { formatRow, type Row, readRows } from './rows.ts'

const ROWS: Row[] = [
  {
    sequence: 1,
    captureMs: 81_234_567,
    arrivalMs: 1_795_564_530_548,
    mediaMs: undefined,
    bytes: 9,
    keyframe: false,
  },
  {
    sequence: 2,
    captureMs: 81_234_600,
    arrivalMs: 1_795_564_530_580,
    mediaMs: 0,
    bytes: 12_345,
    keyframe: true,
  },
  {
    sequence: 4_294_967_295,
    captureMs: 2 ** 53 - 1,
    arrivalMs: 5,
    mediaMs: 33.25,
    bytes: 0,
    keyframe: false,
  },
  {
    sequence: undefined,
    captureMs: undefined,
    arrivalMs: undefined,
    mediaMs: -40,
    bytes: 7,
    keyframe: false,
  },
]

async function readBack(content: string | Uint8Array): Promise<Row[]> {
  const path = join(await temporaryFolder(), 'frames.csv')
  await writeFile(path, content)
  const rows: Row[] = []
  for await (const row of readRows(path, Buffer.byteLength(content))) rows.push(row)
  return rows
}

describe('frames.csv', () => {
  const content = ROWS_HEADER + ROWS.map(formatRow).join('')

  it('comes back as it was written', async () => {
    expect(await readBack(content)).toEqual(ROWS)
    expect(content.split('\n')[3]).toBe('4294967295,9007199254740991,5,33.25,0,0')
  })

  it('gives its whole rows when it is cut at any byte', async () => {
    for (let cut = 0; cut <= content.length; cut += 1) {
      const whole = content.slice(0, cut).split('\n').length - 2
      expect(await readBack(content.slice(0, cut))).toEqual(ROWS.slice(0, Math.max(0, whole)))
    }
  })

  it('ends at the first row that is not well-formed', async () => {
    for (const bad of [
      '1,2,3,4,5\n',
      '1,2,3,4,5,6,7\n',
      'a,2,3,4,5,0\n',
      '1,2,3,4,,0\n',
      '1,2,3,4,5,2\n',
      '\0\0\0\n',
    ])
      expect(await readBack(ROWS_HEADER + formatRow(ROWS[1]!) + bad + formatRow(ROWS[2]!))).toEqual([ROWS[1]])
  })

  it('is read or left, whatever bytes it holds', async () => {
    const path = join(await temporaryFolder(), 'frames.csv')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(content.length), async (bytes, at) => {
        const mangled = Buffer.from(content)
        mangled.set(bytes.subarray(0, mangled.length - at), at)
        await writeFile(path, mangled)
        let rows = 0
        for await (const { bytes: size, keyframe } of readRows(path, mangled.length)) {
          rows += 1
          expect([typeof size, typeof keyframe]).toEqual(['number', 'boolean'])
        }
        expect(rows).toBeLessThanOrEqual(mangled.toString('latin1').split(/[\r\n\u2028\u2029]/).length)
      }),
      { seed: 20, numRuns: 200 },
    )
  })
})
