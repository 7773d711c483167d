/** A bad disk and a clock that steps, for a server process: the test's side of fault-shim.c. Linux, with a C compiler. */

import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const SOURCE = fileURLToPath(new URL('fault-shim.c', import.meta.url))
/** Offsets in `struct control`, in bytes. */
const AT = {
  delayMs: 0,
  delayOps: 8,
  failErrno: 16,
  failOps: 24,
  failFromBytes: 32,
  writtenBytes: 40,
  clockOffsetMs: 48,
  hits: 56,
  match: 64,
}
const MATCH_BYTES = 256
const CONTROL_BYTES = AT.match + MATCH_BYTES

/** Kinds of calls: `name` makes folders and files, and renames them. */
const OPS = { write: 1, sync: 2, name: 4 }
type Op = keyof typeof OPS

/** Where faults strike. */
interface Where {
  /** Left out: writes and syncs. */
  ops?: readonly Op[]
  /** Only paths that contain this, such as a camera's id. Left out: all below the folder. */
  match?: string
}

/** Where tools keep what they can make again. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/rollcall', import.meta.url))

/** Compiles the shim, once for each state of its source. */
async function compile(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16)
  const library = join(CACHE, `fault-shim-${hash}.so`)
  if (existsSync(library)) return library
  mkdirSync(CACHE, { recursive: true })
  // Tests run side by side: each makes its own, and the name is given to a whole one.
  const own = join(CACHE, `${randomUUID()}.so`)
  await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-pthread', '-o', own, SOURCE, '-ldl'])
  renameSync(own, library)
  return library
}

/** What one server process suffers, until the test ends. Begins as no fault at all. */
export class Faults {
  /** For the server's environment. */
  readonly env: NodeJS.ProcessEnv
  /** Every call that changed something below the folder and its data, as fault-shim.c writes it. Not there unless asked for. */
  readonly logPath: string
  readonly #control: number

  private constructor(env: NodeJS.ProcessEnv, logPath: string, control: number) {
    this.env = env
    this.logPath = logPath
    this.#control = control
  }

  /**
   * @param folder - Absolute; only paths below it are touched.
   * @param options.log - Keep a log of the calls.
   */
  static async below(folder: string, options: { log?: boolean } = {}): Promise<Faults> {
    const compiled = await compile()
    const own = mkdtempSync(join(tmpdir(), 'rollcall-faults-'))
    // A server that runs as another user may not see the folder of the project.
    const library = join(own, 'fault-shim.so')
    copyFileSync(compiled, library)
    const controlPath = join(own, 'control')
    const control = openSync(controlPath, 'w+')
    onTestFinished(() => {
      closeSync(control)
      rmSync(own, { recursive: true, force: true })
    })
    writeSync(control, Buffer.alloc(CONTROL_BYTES), 0, CONTROL_BYTES, 0)
    const logPath = join(own, 'log')
    const env = { LD_PRELOAD: library, FAULTS_FOLDER: folder, FAULTS_CONTROL: controlPath }
    return new Faults({ ...env, ...(options.log && { FAULTS_LOG: logPath }) }, logPath, control)
  }

  /** Holds calls back for this long each. */
  delay(ms: number, where: Where = {}): void {
    this.#match(where)
    this.#set(AT.delayMs, ms)
    this.#set(AT.delayOps, bits(where))
  }

  /**
   * Lets calls fail.
   *
   * @param code - `EIO`, `ENOSPC` …
   * @param where.afterBytes - Writes fail only when so many more bytes are written; the last one is cut short.
   */
  fail(code: keyof typeof constants.errno, where: Where & { afterBytes?: number } = {}): void {
    this.#match(where)
    this.#set(AT.failErrno, constants.errno[code])
    this.#set(AT.failFromBytes, this.writtenBytes + (where.afterBytes ?? 0))
    this.#set(AT.failOps, bits(where))
  }

  /** The disk is good again; calls that are held back go on. */
  heal(): void {
    this.#set(AT.failOps, 0)
    this.#set(AT.delayOps, 0)
    this.#match({})
  }

  /** Sets the wall clock this far from the machine's, in ms; negative is back. The monotonic clock goes on. */
  setClockOffset(ms: number): void {
    this.#set(AT.clockOffsetMs, ms)
  }

  /** Calls that were held back or failed so far. */
  get hits(): number {
    return this.#get(AT.hits)
  }

  /** Bytes written below the folder so far. */
  get writtenBytes(): number {
    return this.#get(AT.writtenBytes)
  }

  #match({ match = '' }: Where): void {
    const bytes = Buffer.alloc(MATCH_BYTES)
    bytes.write(match, 0, MATCH_BYTES - 1)
    writeSync(this.#control, bytes, 0, MATCH_BYTES, AT.match)
  }

  #set(at: number, value: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(Math.round(value)))
    writeSync(this.#control, bytes, 0, 8, at)
  }

  #get(at: number): number {
    const bytes = Buffer.alloc(8)
    readSync(this.#control, bytes, 0, 8, at)
    return Number(bytes.readBigInt64LE())
  }
}

function bits({ ops = ['write', 'sync'] }: Where): number {
  return ops.reduce((sum, op) => sum | OPS[op], 0)
}
