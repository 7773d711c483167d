/** QR codes read by a program that we did not write: zbarimg, of Debian's zbar-tools. */

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from './folders.ts'

const run = promisify(execFile)
/** Pixels of a module. */
const MODULE_PIXELS = 6

/** What is read in a picture; undefined where the reader is not installed. */
export async function readCode(picture: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('zbarimg', ['--quiet', '--raw', picture])
    return stdout.trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    console.warn('left out: reading the QR code back with zbarimg, which is not installed')
    return undefined
  }
}

/** The same of rows of a terminal, two modules a character: what is drawn is light, what is not is dark. */
export async function readTerminalCode(rows: readonly string[]): Promise<string | undefined> {
  const upper: Record<string, boolean> = { '█': true, '▀': true, '▄': false, ' ': false }
  const lower: Record<string, boolean> = { '█': true, '▀': false, '▄': true, ' ': false }
  const modules = rows.flatMap((row) => [
    [...row].map((character) => upper[character]!),
    [...row].map((character) => lower[character]!),
  ])
  const pixels = modules.flatMap((row) => {
    const line = row.flatMap((isLight) => Array<number>(MODULE_PIXELS).fill(isLight ? 255 : 0))
    return Array<number[]>(MODULE_PIXELS).fill(line)
  })
  const head = `P5 ${pixels[0]!.length} ${pixels.length} 255\n`
  const picture = join(await temporaryFolder(), 'code.pgm')
  await writeFile(picture, Buffer.concat([Buffer.from(head), Buffer.from(pixels.flat())]))
  return readCode(picture)
}
