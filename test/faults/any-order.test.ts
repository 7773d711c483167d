/**
 * Phones that keep their pictures, their holders, the operator, the network, the server and its clock do what they like, in any
 * order: every picture is on the disk that was not given up, none twice in a recording, and the last word holds.
 *
 * `ANY_ORDER_SEED=7` runs one seed.
 */

import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import type { CommandAnswer } from '../../src/wire/api/cameras.ts'
import { Faults } from '../support/faults.ts'
import { isLongForm } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { ServerProcess } from '../support/process.ts'
import { keyedFilm, RestlessPhone } from '../support/restless-phone.ts'
import { until } from '../support/until.ts'

const { ANY_ORDER_SEED } = process.env
/** The short form has one that takes little time. */
const FIRST_SEED = 7
const SEEDS = ANY_ORDER_SEED
  ? [Number(ANY_ORDER_SEED)]
  : Array.from({ length: isLongForm ? 20 : 1 }, (_, i) => FIRST_SEED + i)
const STEPS = isLongForm ? 80 : 50
/** How often the server is killed at most: it takes long to start. */
const MOST_KILLS = isLongForm ? 5 : 2
/** Words of operator and holders, whose last is to hold. */
const WORDS = 6
const PHONES = 4
/** Where the wall clock may be set, in ms from the machine's. */
const CLOCKS_MS = [-3_600_000, -5000, 0, 3_600_000]
/** What is a fault of ours in the log. */
const FAULT = /\b(ERROR|FATAL)\b|Error:|unhandled|^ {4}at /

it.each(SEEDS)(
  'whatever happens in whichever order, pictures are kept and the last word holds: seed %i',
  async (seed) => {
    const room = await Room.open(seed)
    for (let step = 0; step < STEPS; step += 1) await room.step()
    await room.lastWords()
    await room.end()
    expect(room.problems.length === 0 ? [] : [...room.trace, ...room.problems]).toEqual([])
  },
  isLongForm ? 180_000 : undefined,
)

class Room {
  readonly trace: string[] = []
  readonly problems: string[] = []
  readonly phones: RestlessPhone[]
  readonly #below: (n: number) => number
  readonly #data: string
  readonly #faults: Faults
  readonly #args: string[]
  #server: ServerProcess
  readonly #port: number
  readonly #token: string
  #log = ''
  #kills = 0
  readonly #commands: Promise<unknown>[] = []

  private constructor(made: {
    below: (n: number) => number
    phones: RestlessPhone[]
    data: string
    faults: Faults
    args: string[]
    server: ServerProcess
    token: string
  }) {
    this.#below = made.below
    this.phones = made.phones
    this.#data = made.data
    this.#faults = made.faults
    this.#server = made.server
    this.#port = made.server.port
    this.#args = [...made.args, '--port', String(this.#port)]
    this.#token = made.token
  }

  static async open(seed: number): Promise<Room> {
    const random = seededRandom(seed)
    const below = (n: number) => Math.floor(random() * n)
    const data = await temporaryFolder()
    const faults = await Faults.below(data)
    // Some phones are given up, some starts are silent, some recordings find no place.
    const windowMs = [1000, 20_000][below(2)]
    const confirmMs = [100, 2000][below(2)]
    const places = [2, 100][below(2)]
    const args = ['--data', data, '--no-thumbnails', '--no-mdns', '--sync-interval-ms', '100']
    args.push(
      '--resume-window-ms',
      `${windowMs}`,
      '--confirm-ms',
      `${confirmMs}`,
      '--max-recordings',
      `${places}`,
    )
    const server = await ServerProcess.start(args, { env: faults.env })
    const film = await keyedFilm()
    const phones = Array.from({ length: PHONES }, (_, i) => new RestlessPhone(`phone-${i}`, film))
    for (const phone of phones) await phone.connect(server.port)
    const { accessToken: token } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    return new Room({ below, phones, data, faults, args, server, token })
  }

  /** Something happens. */
  async step(): Promise<void> {
    const phone = this.#anyPhone()
    const { id } = phone
    const can: [weight: number, what: string, happens: () => unknown][] = [
      [30, '', () => phone.film(1 + this.#below(40))],
      [8, `${id} is cut`, () => phone.cut()],
      [13, `${id} connects`, () => phone.connect(this.#port)],
      [6, `${id} is started by its holder`, () => phone.holderStarts()],
      [6, `${id} is stopped by its holder`, () => phone.holderStops()],
      [4, `${id} is opened anew`, () => phone.reload()],
      [4, `${id} gives up pictures`, () => phone.givesUp()],
      [3, `${id} hears no acknowledgement`, () => phone.hearsNoMore()],
      [3, `${id} is renamed`, () => phone.rename('Bench 3')],
      [14, '', () => this.#commands.push(this.#command(this.#below(5) < 3 ? 'start' : 'stop', this.#some()))],
      [3, 'the server is killed', () => this.#kill()],
      [2, 'the clock is set', () => this.#faults.setClockOffset(CLOCKS_MS[this.#below(CLOCKS_MS.length)]!)],
    ]
    let at = this.#below(can.reduce((sum, [weight]) => sum + weight, 0))
    const [, what, happens] = can.find(([weight]) => {
      at -= weight
      return at < 0
    })!
    if (what) this.trace.push(what)
    await happens()
    // Sometimes all is heard before the next happens, sometimes nothing is.
    if (this.#below(2) === 0) for (const one of this.phones) if (one.isConnected) await one.heardAll()
  }

  /** One word after the other, to phones that come and go. */
  async lastWords(): Promise<void> {
    await Promise.all(this.#commands)
    await this.#calm()
    const last = new Map<RestlessPhone, 'films' | 'rests'>()
    for (let word = 0; word < WORDS; word += 1) {
      for (const phone of this.phones) {
        if (this.#below(3) === 0) phone.cut()
        else if (!phone.isConnected && this.#below(2) === 0) await phone.connect(this.#port)
        phone.film(this.#below(20))
      }
      await this.#word(last)
      for (const phone of this.phones) if (phone.isConnected) await phone.heardAll()
    }
    await this.#calm()
    for (const [phone, wanted] of last)
      if ((phone.running ? 'films' : 'rests') !== wanted)
        this.problems.push(`${phone.id} does not: ${wanted}`)
  }

  /** All phones end, and send what they keep; the server is ended, and what it leaves is looked at. */
  async end(): Promise<void> {
    await this.#command('stop')
    for (const phone of this.phones) phone.holderStops()
    await until('nothing is kept any more', async () => {
      for (const phone of this.phones) if (!phone.isConnected) await phone.connect(this.#port)
      return this.phones.every(({ isEmpty }) => isEmpty)
    })
    // Those that wait for a phone end with the server.
    expect(await this.#server.end('SIGTERM')).toBe(0)
    this.#log += this.#server.output
    this.problems.push(...this.#log.split('\n').filter((line) => FAULT.test(line)))
    const onDisk = new Map<string, Set<number>>()
    for (const folder of await recordingsIn(this.#data)) await this.#lookAt(folder, onDisk)
    for (const { id, times, lost } of this.phones.flatMap(({ captures }) => captures)) {
      const missing = [...times.keys()].filter((at) => !onDisk.get(id)?.has(at) && !lost.has(at))
      if (missing.length > 0) this.problems.push(`${id} is missing ${missing}`)
    }
  }

  /** Somebody says what a phone is to do. */
  async #word(last: Map<RestlessPhone, 'films' | 'rests'>): Promise<void> {
    const phone = this.#anyPhone()
    const kind = this.#below(4)
    if (kind === 0 && !phone.running) {
      this.trace.push(`${phone.id} is started by its holder`)
      phone.holderStarts()
      last.set(phone, 'films')
    } else if (kind === 1) {
      this.trace.push(`${phone.id} is stopped by its holder`)
      // Of a start that has not reached it its holder knows nothing.
      if (phone.isConnected || phone.running?.take) last.set(phone, 'rests')
      else last.delete(phone)
      phone.holderStops()
    } else if (kind > 1) {
      const ids = this.#below(2) === 0 ? undefined : [phone.id]
      const wanted = kind === 2 ? 'start' : 'stop'
      const isTold = await this.#command(wanted, ids)
      for (const one of isTold ? this.phones : [])
        if (!ids || one === phone) last.set(one, wanted === 'start' ? 'films' : 'rests')
    }
  }

  /** @returns Whether it was taken: an id that is not connected is refused. */
  async #command(command: 'start' | 'stop', cameras?: string[]): Promise<boolean> {
    this.trace.push(`the operator says ${command} to ${cameras ?? 'all'}`)
    const answer = await fetch(`http://127.0.0.1:${this.#port}/api/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ command, cameras }),
    }).then(
      (response) => response.json() as Promise<Partial<CommandAnswer>>,
      // It was killed meanwhile.
      () => undefined,
    )
    this.trace.push(`it answers ${answer?.cameras?.map(({ camera, result }) => `${camera} ${result}`)}`)
    return answer?.cameras !== undefined
  }

  async #kill(): Promise<void> {
    if (this.#kills === MOST_KILLS) return
    this.#kills += 1
    await this.#server.end('SIGKILL')
    this.#log += this.#server.output
    this.#server = await ServerProcess.start(this.#args, { env: this.#faults.env })
  }

  /** All are connected, and have heard what was said to them and what came of it. */
  async #calm(): Promise<void> {
    for (const phone of this.phones) if (!phone.isConnected) await phone.connect(this.#port)
    for (let i = 0; i < 3; i += 1) for (const phone of this.phones) await phone.heardAll()
  }

  #anyPhone(): RestlessPhone {
    return this.phones[this.#below(PHONES)]!
  }

  /** Some cameras; undefined: all. */
  #some(): string[] | undefined {
    const ids = this.phones.map(({ id }) => id).filter(() => this.#below(2) === 0)
    return ids.length === 0 || this.#below(2) === 0 ? undefined : ids
  }

  /** One recording: closed, whole, each picture once, times that rise. */
  async #lookAt(folder: string, onDisk: Map<string, Set<number>>): Promise<void> {
    const { state, pictures, capture } = await documentIn(folder)
    // A server that was killed as it made a folder leaves an empty one.
    if (state === 'recovered' && pictures === 0) return
    const wrong = (what: unknown) => this.problems.push(`${basename(folder)}: ${what}`)
    if (state !== 'closed' && state !== 'recovered') wrong(state)
    const filmed = this.phones.flatMap(({ captures }) => captures).find(({ id }) => id === capture?.id)
    if (!filmed) return void wrong(`is of no capture: ${capture?.id}`)
    const known = onDisk.get(filmed.id) ?? new Set()
    onDisk.set(filmed.id, known)
    let last = [-1, -1, -1]
    for (const [sequence, captureMs, arrivalMs] of (await rowsIn(folder)).map((row) => row.map(Number))) {
      const row = [sequence!, captureMs!, arrivalMs!]
      if (sequence! <= last[0]! || captureMs! <= last[1]! || arrivalMs! < last[2]!)
        wrong(`${row} behind ${last}`)
      if (Math.abs(filmed.times[sequence!]! / 1000 - captureMs!) > 0.01) wrong(`${row} has another time`)
      known.add(sequence!)
      last = row
    }
    for (const violation of await verifyFolder(folder)) wrong(JSON.stringify(violation))
  }
}
