/** A real Rollcall, in this process or in one of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Config, loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { RollcallServer } from '../../src/server.ts'
import { temporaryFolder } from './folders.ts'

export const BIN = fileURLToPath(new URL('../../bin/rollcall.js', import.meta.url))

/** Starts a server in this process, on a free port, in a folder of its own. */
export async function startServer(
  options: Partial<Config> = {},
): Promise<{ server: RollcallServer; port: number; data: string; lines: string[] }> {
  const data = options.data ?? (await temporaryFolder())
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) })
  const config = { ...loadConfig({ flags: {}, env: {} }), port: 0, host: '127.0.0.1', data, ...options }
  const server = new RollcallServer({ config, log })
  const port = await server.listen()
  onTestFinished(() => server.close())
  return { server, port, data, lines }
}

/** `rollcall serve` in a process of its own. */
export class ServerProcess {
  readonly child: ChildProcess
  output = ''

  private constructor(child: ChildProcess) {
    this.child = child
    child.stdout!.on('data', (data) => {
      this.output += data
    })
    child.stderr!.on('data', (data) => {
      this.output += data
    })
  }

  /** Resolves when it listens; the port is in `port`. */
  static async start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', '--host', '127.0.0.1', ...args], {
      stdio: 'pipe',
      env: { ...process.env, ...env },
    })
    const server = new ServerProcess(child)
    onTestFinished(() => void child.kill('SIGKILL'))
    await server.says(/ws:\/\/127\.0\.0\.1:(\d+)\//)
    return server
  }

  get port(): number {
    return Number(/ws:\/\/127\.0\.0\.1:(\d+)\//.exec(this.output)?.[1])
  }

  /** Resolves when the output matches; rejects when the process ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`the server ended before it said ${pattern}:\n${this.output}`)
      await Promise.race([
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
        once(this.child, 'exit'),
      ])
    }
  }

  type(line: string): void {
    this.child.stdin!.write(`${line}\n`)
  }

  /** Sends a signal and resolves with the exit code (null when the signal ended it). */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    await exited
    return this.child.exitCode
  }
}
