/** `rollcall` in processes of their own, as people run it. Needs `npm run build`. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

const BIN = fileURLToPath(new URL('../../bin/rollcall.js', import.meta.url))

interface ProcessOptions {
  env?: NodeJS.ProcessEnv
  /** Where it runs: a folder without a rollcall.json, when it is left out. */
  cwd?: string
  /** The user that it runs as, when this process may choose. */
  uid?: number
  /** A program that runs it, with its arguments. */
  prefix?: readonly string[]
}

/** What a command that has ended leaves. */
export interface Ended {
  /** null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

/** One run of the command line. Killed when the test ends. */
export class RollcallProcess {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  /** Both, in the order in which they came. */
  output = ''
  /** Resolves when it has ended and all that it said is here. */
  readonly ended: Promise<Ended>
  #running = true

  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const [program, ...first] = [...(options.prefix ?? []), process.execPath, BIN]
    this.child = spawn(program!, [...first, ...args], {
      stdio: 'pipe',
      cwd: options.cwd ?? tmpdir(),
      env: { ...process.env, ...options.env },
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    })
    this.child.stdout!.on('data', (data) => {
      this.stdout += data
      this.output += data
    })
    this.child.stderr!.on('data', (data) => {
      this.stderr += data
      this.output += data
    })
    // Typing to a process that has ended.
    this.child.stdin!.on('error', () => {})
    this.ended = once(this.child, 'close').then(([code]) => {
      this.#running = false
      return { code, stdout: this.stdout, stderr: this.stderr }
    })
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await this.ended
    })
  }

  /** Resolves when the output matches; rejects when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`${pattern} of a process`, () => {
      const match = pattern.exec(this.output)
      if (!match && !this.#running)
        throw new Error(`the process ended before it said ${pattern}:\n${this.output}`)
      return match
    })
  }

  type(line: string): void {
    this.child.stdin!.write(`${line}\n`)
  }

  /** Sends a signal and resolves with the exit code (null when the signal ended it). */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return (await this.ended).code
  }
}

/** `rollcall serve` on a free port; with https where the arguments name its port. */
export class ServerProcess extends RollcallProcess {
  /** Resolves when it listens. */
  static async start(args: readonly string[], options?: ProcessOptions): Promise<ServerProcess> {
    const plain = args.includes('--https-port') ? [] : ['--no-https']
    const server = new ServerProcess(
      ['serve', '--port', '0', ...plain, '--host', '127.0.0.1', ...args],
      options,
    )
    await server.says(/ws:\/\/127\.0\.0\.1:\d+\//)
    return server
  }

  get port(): number {
    return Number(/ws:\/\/127\.0\.0\.1:(\d+)\//.exec(this.output)?.[1])
  }

  /** As it tells pages that came by plain http. */
  async httpsPort(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/secure`)
    return ((await response.json()) as { httpsPort: number }).httpsPort
  }
}

/** Runs a command to its end. */
export function rollcall(args: readonly string[], options?: ProcessOptions): Promise<Ended> {
  return new RollcallProcess(args, options).ended
}
