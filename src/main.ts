/** The command line. The only place that ends the process. */
import { access, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { addConfigOptions, type Config, loadConfig } from './config.ts'
import { openTerminal } from './console/terminal.ts'
import { ProtocolError, RequestError, StorageError } from './errors.ts'
import { needsKey } from './http/camera-access.ts'
import { type Renewable, Secrets } from './http/secrets.ts'
import { cameraUrls, hostAndPort, KEY_PLACE, reachableAddresses } from './ingest/camera-urls.ts'
import { type FfmpegWatch, runFfmpeg, Thumbnailer } from './library/ffmpeg.ts'
import { recoverFolder, stateByHand } from './library/recover.ts'
import { otherId, recordedBy, verifyFolder } from './library/verify.ts'
import { createLog, type Log } from './log.ts'
import { signInLines } from './sign-in-lines.ts'
import { addSimulateOptions, simulate } from './simulate/simulate.ts'
import { VERSION } from './version.ts'

/** Exit codes, 128 and the signal's number as shells count: of ^C; of kill; of a terminal, or a connection to it, that is gone. */
const END_SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
/** `verify` found nothing broken, but a recording was not at rest. */
const EXIT_NOT_CHECKED = 2
/** Muxing a film takes no longer than this, in ms. */
const MUX_TIMEOUT_MS = 3_600_000

/** Standard output that nobody reads is waited for this long at the end, in ms. */
const PRINT_MS = 500

const program = new Command('rollcall')
  .description('Turns the phones in a room into cameras: records all of them, loses nothing.')
  .version(VERSION)
  .showHelpAfterError('Add --help to see what there is.')

const serve = program.command('serve').description('run the server that phones connect to')
addConfigOptions(serve)
serve.action(async () => {
  const config = loadConfig({ flags: serve.opts(), env: process.env })
  await runServer(config)
})

addSimulateOptions(
  program.command('simulate').description('run phones or boards that behave like the real ones'),
).action(async (options) => {
  await simulate(options)
})

program
  .command('recover')
  .description('close recordings that were cut off; the server does this by itself at its start')
  .argument('<folders...>', "a recording's folder")
  .action(async (folders: string[]) => {
    const { ffmpeg, ffmpegTimeoutMs, maxGapMs, thumbnails } = loadConfig({ flags: {}, env: process.env })
    const thumbnailer = new Thumbnailer({
      ffmpeg,
      timeoutMs: ffmpegTimeoutMs,
      onFailure: ({ message }) => console.error(`warning: no thumbnail: ${message}`),
    })
    try {
      for (const folder of folders) {
        if ((await stateByHand(resolve(folder))) === 'at rest') {
          const id = await otherId(resolve(folder))
          const advice = id === undefined ? '' : `; but its id is ${id}: rename the folder to that`
          print(`${folder}: is closed already, nothing to do${advice}`)
          continue
        }
        const { document, cutBytes } = await recoverFolder(resolve(folder), maxGapMs)
        const { pictures, durationMs } = document
        if (thumbnails && pictures > 0) thumbnailer.add(resolve(folder))
        const cut = cutBytes > 0 ? `; ${cutBytes} bytes that were no whole fragment left out` : ''
        print(`${folder}: ${pictures} pictures, ${(durationMs / 1000).toFixed(1)} s${cut}`)
      }
    } finally {
      await thumbnailer.idle()
    }
  })

program
  .command('verify')
  .description('check recordings against the storage invariants in docs/storage.md')
  .argument('<folders...>', "a recording's folder")
  .action(async (folders: string[]) => {
    for (const folder of folders) {
      const holder = await recordedBy(resolve(folder))
      if (holder !== undefined) {
        print(
          `${folder}: not checked: the Rollcall of process ${holder} is recording it, or is about to recover it`,
        )
        process.exitCode ??= EXIT_NOT_CHECKED
        continue
      }
      const violations = await verifyFolder(resolve(folder))
      for (const { invariant, message } of violations) print(`${folder}: invariant ${invariant}: ${message}`)
      if (violations.length === 0) print(`${folder}: all is well`)
      else process.exitCode = 1
    }
  })

program
  .command('token')
  .description('print the tokens that open the pages, and the key for cameras from elsewhere')
  .option('--data <folder>', 'the data folder of the server (else as serve finds it)')
  .option('--rotate', 'make both tokens anew: whoever is signed in is signed out, also of a running server')
  .option(
    '--rotate-key',
    'make the camera key anew: cameras from elsewhere need the new one to connect again',
  )
  .action(async (options: { data?: string; rotate?: boolean; rotateKey?: boolean }) => {
    const { data, token } = loadConfig({
      flags: options.data ? { data: options.data } : {},
      env: process.env,
    })
    // Tokens of a folder that no server has open nothing.
    if (!(await stat(data).catch(() => undefined))?.isDirectory())
      throw new RequestError(
        'CONFIG_INVALID',
        `there is no data folder ${data}: name that of the server with --data, or start the server once`,
      )
    const onProblem = (message: string) => console.error(`warning: ${message}`)
    const secrets = new Secrets({ dataDir: data, accessToken: token, onProblem })
    await secrets.open()
    const anew: Renewable[] = options.rotate ? ['watchToken'] : []
    if (options.rotate && token === '') anew.push('accessToken')
    else if (options.rotate)
      console.error('warning: the access token stays: ROLLCALL_TOKEN gives it, change it there')
    if (options.rotateKey) anew.push('cameraKey')
    if (anew.length > 0) await secrets.renew(anew)
    const { accessToken, watchToken, cameraKey } = secrets.known
    print(`access token  ${accessToken}`)
    print(`watch token   ${watchToken}`)
    print(`camera key    ${cameraKey}`)
  })

program
  .command('mux')
  .description('make an MP4 of a raw file that has no times, at a fixed frame rate')
  .argument('<raw>', 'H.264 Annex B')
  .argument('<out>', 'the MP4 to write')
  .requiredOption('--fps <fps>', 'pictures a second')
  .option('--ffmpeg <path>', 'the ffmpeg to use (else FFMPEG_BIN, else ffmpeg on PATH)')
  .action(mux)

async function runServer(config: Config): Promise<void> {
  let ending = false
  const end = () => {
    // A second time: at once. What is on the disk is playable as it is.
    if (ending) process.exit(END_SIGNALS.SIGINT)
    ending = true
    log.info('stopping the cameras; once more ends at once')
    server.close().then(async () => {
      terminal.close()
      await printed()
      process.exit(0)
    }, fail)
  }
  const log: Log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    write: (line) => terminal.write(line),
  })
  // Two thirds of all code: the other commands do without.
  const { RollcallServer } = await import('./server.ts')
  const server = new RollcallServer({ config, log })
  neverBlock(process.stdout)
  // What was asked for is answered at any level.
  const answers = log.child({}, { level: 'info' })
  let port = 0
  const signIn = () => {
    // Where a service keeps what it prints, the token has no place; whoever set it up knows it.
    const fragment = config.token === '' && config.logFormat === 'text' ? `#${server.accessToken}` : ''
    return signInLines({ host: config.host, port, httpsPort: server.httpsPort, fragment })
  }
  const terminal = openTerminal({
    input: process.stdin,
    output: process.stdout,
    room: server.room,
    onQuit: end,
    signIn,
    cameraPages: () => server.cameraPages(),
    hasCode: config.qr,
    say: config.logFormat === 'json' ? (line) => answers.info('%s', line) : undefined,
  })
  for (const signal in END_SIGNALS) process.on(signal, end)
  port = await server.listen()
  const cameras = cameraUrls(config.host, port, (address) => needsKey(config.cameraAccess, address))
  if (config.logFormat === 'json') {
    const { httpsPort } = server
    const cameraPages = server.cameraPages().map(({ shown }) => shown)
    const pages = reachableAddresses(config.host).map(
      (address) => `http://${hostAndPort(address, port)}/login`,
    )
    answers.info({ cameras, cameraPages, pages, httpsPort, data: config.data }, 'Rollcall listens')
    return
  }
  terminal.write('Rollcall listens. In the camera app for Android, type:')
  for (const url of cameras) terminal.write(`  ${url}`)
  if (cameras.some((url) => url.endsWith(KEY_PLACE)))
    terminal.write(
      `For the … of ${KEY_PLACE} type the camera key: \`node bin/rollcall.js token --data ${config.data}\` prints it.`,
    )
  terminal.write('For ESP32 boards the same with /esp in place of /android-cam, see docs/esp32.md.')
  for (const line of signIn()) terminal.write(line)
  terminal.write(`Recordings go to ${config.data}. Type help for the commands.`)
  const [best] = server.cameraPages()
  if (!best) return
  const { hostname } = new URL(best.shown)
  if (config.tlsCert === '')
    terminal.write(`A phone's browser will warn: http://${hostname}:${port}/trust tells why.`)
  // The code is large, and stands last: else it had gone before it was seen.
  terminal.write('Any phone is a camera: scan this, or open in its browser (qr shows it again):')
  terminal.showCamera()
}

/**
 * A terminal that is stopped (^S, a pager) must not stop the recordings: Node writes to terminals and pipes
 * synchronously unless its handle is told otherwise, for which it has no public call.
 */
function neverBlock(output: NodeJS.WriteStream): void {
  const { _handle: handle } = output as { _handle?: { setBlocking?: (blocking: boolean) => void } }
  handle?.setBlocking?.(false)
}

/** Resolves once standard output has taken all lines, or soon if nobody reads them. */
function printed(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PRINT_MS)
    process.stdout.write('', () => resolve())
  })
}

async function mux(raw: string, out: string, options: { fps: string; ffmpeg?: string }): Promise<void> {
  const fps = Number(options.fps)
  if (!(fps > 0 && fps <= 1000))
    throw new RequestError('CONFIG_INVALID', `--fps is a number above 0, at most 1000; got ${options.fps}`)
  const { ffmpeg } = loadConfig({ flags: options.ffmpeg ? { ffmpeg: options.ffmpeg } : {}, env: process.env })
  const there = await access(raw).then(
    () => true,
    () => false,
  )
  if (!there) return void console.error(`warning: ${raw} is not there; nothing was written`)
  if (await isSameFile(raw, out))
    throw new RequestError('CONFIG_INVALID', `the MP4 would replace the raw file that it is made of: ${out}`)
  const temporary = `${out}.partial.mp4`
  let endedBy: keyof typeof END_SIGNALS | undefined
  let kill = () => {}
  const end = (signal: keyof typeof END_SIGNALS) => {
    endedBy ??= signal
    kill()
  }
  for (const signal in END_SIGNALS) process.on(signal, end)
  const watch: FfmpegWatch = {
    onStarted: (child) => {
      kill = () => void child.kill('SIGKILL')
      if (endedBy) kill()
    },
    onOutput: () => {},
  }
  try {
    const input = ['-v', 'error', '-f', 'h264', '-r', String(fps), '-i', resolve(raw)]
    await runFfmpeg(ffmpeg, [...input, '-c:v', 'copy', '-y', resolve(temporary)], MUX_TIMEOUT_MS, watch)
    await rename(temporary, out)
  } catch (error) {
    await rm(temporary, { force: true })
    if (!endedBy) throw error
    console.error(`rollcall: ended by ${endedBy}; nothing was written`)
    process.exit(END_SIGNALS[endedBy])
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)))
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Says what went wrong in one line where the cause is known, with the whole chain where it is a bug of ours. */
function fail(error: unknown): never {
  const known =
    error instanceof RequestError || error instanceof StorageError || error instanceof ProtocolError
  const code = (error as NodeJS.ErrnoException).code
  if (known) console.error(`rollcall: ${error.message} (${error.code})`)
  else if (code === 'EACCES') console.error(`rollcall: ${(error as Error).message}`)
  else console.error(error)
  process.exit(1)
}

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
program.parseAsync().catch(fail)
