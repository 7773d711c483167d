/**
 * `rollcall simulate`: N phones or boards that behave as the real ones do, and an account of what they sent.
 *
 * What belongs here: everything that plays a device. It knows the wire and H.264, and nothing of the server.
 */

import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../errors.ts'
import { isoWithZone, systemClock } from '../time.ts'
import { accountLines, type SimulatorAccount } from './account.ts'
import { shownUrl } from './connect.ts'
import { type SimulatorOptions, simulatorOptions } from './options.ts'
import { type Output, Progress } from './progress.ts'
import { createTeam } from './team.ts'

export { addSimulateOptions } from './options.ts'

/**
 * Runs the devices until `forMs` is over, `signal` aborts, or all have lost their connection for good.
 *
 * @param options.signal - Ends the run as `forMs` does: devices stop, and send what is left.
 * @param options.output - Where progress goes; nowhere when it is left out.
 * @throws {RequestError} `CONFIG_INVALID` when the source cannot be read, `SERVER_UNREACHABLE` when no server answers.
 */
export async function runSimulator(
  options: SimulatorOptions & { signal?: AbortSignal; output?: Output },
): Promise<SimulatorAccount> {
  const { kind = 'phone', url, seed } = options
  const startedAt = isoWithZone(systemClock.wallMs())
  const progress = new Progress(options.output)
  const notices = new Set<string>()
  const onNotice = (notice: string) => {
    if (notices.size < notices.add(notice).size) progress.line(notice)
  }
  const { devices, accounts } = await createTeam(options, onNotice)
  const ended = new AbortController()
  const end = () => ended.abort()
  options.signal?.addEventListener('abort', end, { once: true })
  if (options.signal?.aborted) end()
  const stopAll = () => Promise.all(devices.map((device) => device.stop()))
  try {
    const stopEarly = () => void stopAll()
    ended.signal.addEventListener('abort', stopEarly, { once: true })
    if (ended.signal.aborted) stopEarly()
    await Promise.all(devices.map((device) => device.connect()))
    if (!ended.signal.aborted) progress.start(kind, devices)
    // Devices that were stopped are gone too, so an abort ends the wait either way.
    const gone = Promise.all(devices.map((device) => device.gone))
    const timeUp = sleep(options.forMs ?? 0, undefined, { signal: ended.signal }).catch(() => {})
    await (options.forMs === undefined ? gone : Promise.race([timeUp, gone]))
  } finally {
    options.signal?.removeEventListener('abort', end)
    end()
    await stopAll()
    progress.close()
  }
  const endedAt = isoWithZone(systemClock.wallMs())
  return {
    version: 1,
    kind,
    url: shownUrl(url),
    seed,
    startedAt,
    endedAt,
    ...accounts,
  }
}

/**
 * The command: runs the devices until they end or the operator ends them, and prints the account.
 *
 * @param flags - What commander parsed.
 * @throws {RequestError} `CONFIG_INVALID` for a flag that is not allowed, `SERVER_UNREACHABLE` when no server answers.
 * @throws {StorageError} `STORAGE_FAILED` when `--json` cannot be written; the account is printed before.
 */
export async function simulate(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const options = simulatorOptions(flags)
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  // Once: a second signal ends the process at once.
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    const account = await runSimulator({ ...options, signal: interrupted.signal, output: process.stdout })
    process.stdout.write(`${accountLines(account).join('\n')}\n`)
    if (typeof flags.json === 'string') await writeAccount(flags.json, account)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

async function writeAccount(file: string, account: SimulatorAccount): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(account, null, 2)}\n`)
  } catch (cause) {
    throw new StorageError('STORAGE_FAILED', `--json ${file}: ${(cause as Error).message}`, { cause })
  }
}
