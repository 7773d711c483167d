/** A bad disk and a clock that steps, for a server process: the test's side of fault-shim.c. Linux, with a C compiler. */

import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

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

let compiled: Promise<string> | undefined

/** Compiles the shim once a process, into a folder that goes with it. */
function compile(): Promise<string> {
  compiled ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-shim-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    const library = join(folder, 'fault-shim.so')
    const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-pthread', '-o', library, SOURCE, '-ldl']
    await promisify(execFile)('cc', flags)
    return library
  })()
  return compiled
}

/** What one server process suffers. Begins as no fault at all. */
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
    const library = await compile()
    const own = mkdtempSync(join(tmpdir(), 'rollcall-faults-'))
    process.on('exit', () => rmSync(own, { recursive: true, force: true }))
    const controlPath = join(own, 'control')
    const control = openSync(controlPath, 'w+')
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

  close(): void {
    closeSync(this.#control)
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
