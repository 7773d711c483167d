/** Child processes and temporary folders of a run: whatever happens, none of them outlives it. */

import { type ChildProcess, fork, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The end of a child's output that an error shows, in characters. */
const OUTPUT_KEPT = 4000
/** A child that has not ended by itself after this long in ms is killed. */
const END_TIMEOUT_MS = 20_000

const running = new Set<ChildProcess>()
const folders = new Set<string>()

/** Call once, first. */
export function cleanUpAtExit(): void {
  process.on('exit', () => {
    for (const child of running) sendSignal(child, 'SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  for (const [name, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const, ['SIGHUP', 1] as const])
    process.on(name, () => process.exit(128 + number))
}

/** One that was never started has no id, and Node would signal our whole process group. */
function sendSignal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined) child.kill(name)
}

/** Makes an empty folder, gives it to `use`, and deletes it. */
export async function withFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, 'rollcall-bench-'))
  folders.add(folder)
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
    folders.delete(folder)
  }
}

/** A program that runs beside us. What it prints is read, so that it never waits for us. */
export class Child {
  readonly process: ChildProcess
  output = ''

  constructor(program: string, args: readonly string[], options: SpawnOptions) {
    this.process = spawn(program, args, options)
    this.#watch()
  }

  #watch(): void {
    running.add(this.process)
    this.process.on('error', (error) => {
      this.output += String(error)
    })
    this.process.once('exit', () => running.delete(this.process))
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (data) => {
        this.output = (this.output + data).slice(-OUTPUT_KEPT)
      })
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`it did not start: ${this.output}`)
    return this.process.pid
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** Resolves when it has printed this; rejects when it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      if (this.hasEnded || this.process.pid === undefined)
        throw new Error(`a process ended before it printed ${pattern}:\n${this.output}`)
      const ended = new AbortController()
      const { signal } = ended
      const events = [once(this.process, 'exit', { signal }), once(this.process, 'error', { signal })]
      for (const stream of [this.process.stdout, this.process.stderr])
        if (stream) events.push(once(stream, 'data', { signal }))
      await Promise.race(events)
      ended.abort()
    }
  }

  /** Asks the probe in it; see probe.mjs. */
  async ask<T>(question: string): Promise<T> {
    const answered = once(this.process, 'message')
    this.process.send(question)
    const [message] = (await Promise.race([answered, this.#ended()])) as [{ answer: T }]
    return message.answer
  }

  async #ended(): Promise<never> {
    await once(this.process, 'exit')
    throw new Error(`a process ended too early:\n${this.output}`)
  }

  /** Ends it by a signal, and waits for that. */
  async end(name: NodeJS.Signals): Promise<void> {
    if (this.hasEnded || this.process.pid === undefined) return
    const exited = once(this.process, 'exit')
    sendSignal(this.process, name)
    const late = setTimeout(() => sendSignal(this.process, 'SIGKILL'), END_TIMEOUT_MS)
    await exited
    clearTimeout(late)
  }
}

/** A module of ours in a process of its own, which speaks with us over IPC. */
export class Module<Message> {
  readonly process: ChildProcess
  readonly #received: Message[] = []
  #wake: () => void = () => {}

  /** @param argument - Given to it as JSON. */
  constructor(file: string, argument: unknown, nodeFlags: readonly string[] = []) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    this.process = fork(path, [JSON.stringify(argument)], {
      execArgv: [...nodeFlags, '--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    running.add(this.process)
    this.process.on('message', (message) => {
      this.#received.push(message as Message)
      this.#wake()
    })
    this.process.once('exit', () => {
      running.delete(this.process)
      this.#wake()
    })
  }

  /** Its next message; rejects when it ends without. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#received.shift()
      if (message !== undefined) return message
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`a process of the benchmark ended too early (${this.process.spawnargs.at(-1)})`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  send(message: string | number): void {
    this.process.send(message)
  }

  kill(): void {
    sendSignal(this.process, 'SIGKILL')
  }
}

/** Whether a program runs and ends well with these arguments. */
export function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
