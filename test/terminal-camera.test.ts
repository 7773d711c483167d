/** The address of the camera page in a real terminal, as a QR code, and in what is no terminal. Needs `npm run build`. */

import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { reachableAddresses } from '../src/ingest/camera-urls.ts'
import { temporaryFolder } from './support/folders.ts'
import { RollcallProcess } from './support/process.ts'
import { readTerminalCode } from './support/qr-reader.ts'
import { until } from './support/until.ts'

const BIN = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url))
const hasScript = spawnSync('script', ['--version']).status === 0
if (!hasScript) console.warn('Tests are left out, of the terminal: `script` of util-linux is not there.')
const address = reachableAddresses('0.0.0.0').find((one) => !one.startsWith('127.'))
if (!address) console.warn('Tests are left out, of QR codes in the terminal: this machine has no network.')

const SERVE = ['serve', '--port', '0', '--https-port', '0', '--no-mdns', '--camera-access', 'key']

/** A server in a terminal of so many columns; what it wrote, and a keyboard. */
async function inTerminal(columns: number, args: string[] = []) {
  const data = await temporaryFolder()
  const command = ['node', BIN, ...SERVE, '--data', data, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 60; ${command}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color' },
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const screen = { text: '' }
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    screen.text += piece
  })
  // The code, and its address below it, come last.
  const end = new RegExp(`shows it again\\):.*https://${address}:\\d+/camera`, 's')
  await until('all that it says at its start', () => end.test(screen.text))
  return { screen, type: (keys: string) => void child.stdin.write(keys), ended }
}

/** The rows of the first QR code in what a terminal was sent. */
function codeIn(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is sent escape sequences
  return [...text.matchAll(/\x1b\[38;5;231;48;5;16m([█▀▄ ]+)\x1b\[0m/g)].map((match) => match[1]!)
}

it.skipIf(!hasScript || !address)(
  'is a code that a reader reads, with the key in it and not beside it; it comes again when asked for',
  async () => {
    const { screen, type, ended } = await inTerminal(100)
    const rows = codeIn(screen.text)
    const port = /https:\/\/[\d.]+:(\d+)\/camera#key=…/.exec(screen.text)?.[1]
    const read = await readTerminalCode(rows)
    if (read !== undefined)
      expect(read).toMatch(
        new RegExp(`^https://${address!.replaceAll('.', '\\.')}:${port}/camera#key=[\\w-]{43}$`),
      )
    expect(screen.text).not.toContain(read?.split('=')[1] ?? 'nothing')
    expect(screen.text).toMatch(/A phone's browser will warn: http:\/\/[\d.]+:\d+\/trust tells why\./)
    const before = screen.text.length
    // Nothing stands below it but its address.
    expect(screen.text.slice(0, before).split('\x1b[0m').at(-1)).not.toMatch(/listens|Recordings go|warn/)
    type('qr\r')
    await until('the code again', () => codeIn(screen.text.slice(before)).length === rows.length)
    expect(codeIn(screen.text.slice(before))).toEqual(rows)
    type('camera\r')
    await until('the code once more', () => codeIn(screen.text.slice(before)).length === 2 * rows.length)
    type('quit\r')
    await ended
  },
)

it.skipIf(!hasScript || !address)('is text alone where the window is narrow, or codes are off', async () => {
  const narrow = await inTerminal(36)
  expect(codeIn(narrow.screen.text)).toEqual([])
  await until('why', () =>
    /AQRcodeneedsawindowofmorethan\d+columns/.test(narrow.screen.text.replaceAll(/\s/g, '')),
  )
  const off = await inTerminal(100, ['--no-qr'])
  expect(codeIn(off.screen.text)).toEqual([])
  // Not “QR” alone: a token may hold that.
  expect(off.screen.text).not.toContain('QR code')
  expect(off.screen.text).toMatch(/https:\/\/[\d.]+:\d+\/camera#key=…/)
})

it.skipIf(!address)('is text alone in a pipe, and a field of the log as JSON', async () => {
  const data = await temporaryFolder()
  const piped = new RollcallProcess([...SERVE, '--data', data])
  await piped.says(/Type help/)
  piped.type('camera')
  await piped.says(/Type help.*\/camera#key=…/s)
  const [links] = await piped.says(
    /To sign in, on this machine:\n {2}http:\/\/localhost:\d+\/login#[\s\S]+?(?=Recordings go)/,
  )
  const before = piped.output.length
  piped.type('link')
  await until('the links again', () => piped.output.slice(before).includes(links))
  for (const drawn of ['█', '\u001b']) expect(piped.output).not.toContain(drawn)
  expect(await piped.end('SIGTERM')).toBe(0)
  const json = new RollcallProcess([...SERVE, '--data', data, '--log-format', 'json'])
  await json.says(/Rollcall listens/)
  const { cameraPages } = JSON.parse(
    json.stdout.split('\n').find((line) => line.includes('Rollcall listens'))!,
  )
  expect(cameraPages[0]).toMatch(/^https:\/\/[\d.]+:\d+\/camera#key=…$/)
})
