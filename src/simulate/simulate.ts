/**
 * `rollcall simulate`: N phones that behave as the Android app does, and an account of what they sent.
 *
 * What belongs here: everything that plays a phone. It knows the wire and H.264, and nothing of the server.
 */

import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../errors.ts'
import { isoWithZone, systemClock } from '../time.ts'
import { accountLines, type SimulatorAccount } from './account.ts'
import { shownUrl } from './connect.ts'
import { type SimulatorOptions, simulatorOptions } from './options.ts'
import { Phone } from './phone.ts'
import { type Output, Progress } from './progress.ts'
import { PictureSources } from './source.ts'

export { addSimulateOptions } from './options.ts'

const CONNECT_PATIENCE_MS = 10_000
/** Phones of one run have seeds this far apart: runs with seeds side by side share none. */
const SEED_STEP = 7919

/**
 * Runs the phones until `forMs` is over, `signal` aborts, or all have lost their connection.
 *
 * @param options.signal - Ends the run as `forMs` does: phones stop, and send what is left.
 * @param options.output - Where progress goes; nowhere when it is left out.
 * @throws {RequestError} `CONFIG_INVALID` when the source cannot be read, `SERVER_UNREACHABLE` when no server answers.
 */
export async function runSimulator(
  options: SimulatorOptions & { signal?: AbortSignal; output?: Output },
): Promise<SimulatorAccount> {
  const { url, seed } = options
  const startedAt = isoWithZone(systemClock.wallMs())
  const progress = new Progress(options.output)
  const notices = new Set<string>()
  const onNotice = (notice: string) => {
    if (notices.size < notices.add(notice).size) progress.line(notice)
  }
  const sources = await PictureSources.create({
    file: options.source,
    ffmpeg: options.ffmpeg ?? 'ffmpeg',
    onNotice,
  })
  const phones = Array.from({ length: options.cameras }, (_, index) =>
    createPhone(index, options, sources, onNotice),
  )
  const ended = new AbortController()
  const end = () => ended.abort()
  options.signal?.addEventListener('abort', end, { once: true })
  if (options.signal?.aborted) end()
  const stopAll = () => Promise.all(phones.map((phone) => phone.stop()))
  try {
    const stopEarly = () => void stopAll()
    ended.signal.addEventListener('abort', stopEarly, { once: true })
    if (ended.signal.aborted) stopEarly()
    await Promise.all(phones.map((phone) => phone.connect()))
    if (!ended.signal.aborted) progress.start(phones)
    // Phones that were stopped are gone too, so an abort ends the wait either way.
    const gone = Promise.all(phones.map((phone) => phone.gone))
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
    url: shownUrl(url),
    seed,
    startedAt,
    endedAt,
    phones: phones.map(({ account }) => account),
  }
}

/**
 * The command: runs the phones until they end or the operator ends them, and prints the account.
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

function createPhone(
  index: number,
  options: SimulatorOptions,
  sources: PictureSources,
  onNotice: (notice: string) => void,
): Phone {
  return new Phone({
    name: `Camera ${index + 1}`,
    url: options.url,
    overrides: { fps: options.fps, bitrateMbps: options.bitrateMbps, size: options.size },
    jitterMs: options.jitterMs,
    lossShare: options.lossShare,
    dropEveryMs: options.dropEveryMs,
    clockOffsetMs: options.clockOffsetMs,
    clockDriftPpm: options.clockDriftPpm,
    autoStart: options.autoStart,
    seed: options.seed * SEED_STEP + index,
    connectPatienceMs: options.connectPatienceMs ?? CONNECT_PATIENCE_MS,
    openSource: (request) => sources.open(request),
    clock: systemClock,
    onWaiting: (reason) => onNotice(`waiting for a server at ${shownUrl(options.url)} (${reason})`),
  })
}

async function writeAccount(file: string, account: SimulatorAccount): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(account, null, 2)}\n`)
  } catch (cause) {
    throw new StorageError('STORAGE_FAILED', `--json ${file}: ${(cause as Error).message}`, { cause })
  }
}
