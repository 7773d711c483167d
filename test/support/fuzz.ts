/**
 * Bad bytes by the number: how many, of which kind, and mutations that a seed makes the same every time.
 *
 * `FAULTS=long` makes a million inputs of all kinds together, `FAULTS_INPUTS` any number; else there are a few thousand.
 */

import { cpuUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import { isLongForm } from './figure.ts'

const SHORT_INPUTS = 20_000
const LONG_INPUTS = 1_000_000
const INPUTS = Number(process.env.FAULTS_INPUTS ?? (isLongForm ? LONG_INPUTS : SHORT_INPUTS))
/** An hour is enough for any number. */
export const FUZZ_TIMEOUT_MS = 3_600_000
/** A single input may take no longer than this, in ms of CPU. */
const HANG_MS = 1000
/** What is left in memory once all is over, in bytes; a leak of a hundred bytes an input shows at a million. */
const MOST_GROWN_BYTES = 32 * 2 ** 20

/** Thousandths of all inputs. Those that take a connection or a folder each are the fewest. */
const SHARES = {
  'frame packets': 120,
  'H.264': 330,
  'JSON texts': 152,
  'MP4 bytes': 160,
  'frame packets to a server': 170,
  'texts to a server': 40,
  'WebSocket frames to a server': 15,
  'HTTP requests to a server': 10,
  'folders on the disk': 3,
} as const

export type FuzzKind = keyof typeof SHARES

/** How many inputs of a kind there are; all kinds together make the whole number at least. */
export function inputsOf(kind: FuzzKind): number {
  const sum = Object.values(SHARES).reduce((total, share) => total + share, 0)
  return Math.ceil((INPUTS * SHARES[kind]) / sum)
}

/** What was done in this process so far, all kinds together. */
export const fuzzed = { inputs: 0, slowestMs: 0, pictures: 0 }

/** Counts, and says how many there were. */
export function report(kind: FuzzKind, inputs: number, sinceMs: number, more = ''): void {
  fuzzed.inputs += inputs
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1)
  console.info(`fuzz: ${inputs} inputs of ${INPUTS}, ${kind}, ${seconds} s${more}`)
}

/** A number that sizes, counts and codes turn bad by. */
const EDGES = [0, 1, 2, 3, 0x0d, 0x40, 0x67, 0x68, 0x7f, 0x80, 0xfe, 0xff]
const BLOCKS = ['00000001', '000001', '00000000', '7fffffff', '80000000', 'ffffffff', '0000010003000003'].map(
  (hex) => Buffer.from(hex, 'hex'),
)
const MAX_GROWN_BYTES = 256 * 1024

/** Random numbers and damage, the same for the same seed (xorshift32). */
export class Mutator {
  #state: number

  constructor(seed: number) {
    this.#state = seed * 2654435761 + 1 || 1
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    let x = this.#state | 0
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) % end
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** One to six harms, to a copy. `others` are what pieces are taken from. */
  harm(bytes: Uint8Array, others: readonly Uint8Array[] = [bytes]): Uint8Array {
    let harmed = Buffer.from(bytes)
    for (let i = 1 + this.below(6); i > 0; i -= 1) harmed = this.#harmOnce(harmed, others)
    return harmed.subarray(0, MAX_GROWN_BYTES)
  }

  #harmOnce(bytes: Buffer<ArrayBuffer>, others: readonly Uint8Array[]): Buffer<ArrayBuffer> {
    // Heads are where lengths, types and sets lie.
    const end = this.chance(2) ? Math.min(bytes.length, 48) : bytes.length
    const at = end > 0 ? this.below(end) : 0
    const insert = (piece: Uint8Array) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    switch (this.below(9)) {
      case 0:
        if (bytes.length > 0) bytes[at]! ^= 1 << this.below(8)
        return bytes
      case 1:
        if (bytes.length > 0) bytes[at] = this.of(EDGES)
        return bytes
      case 2:
        if (bytes.length > 0) bytes[at] = this.below(256)
        return bytes
      case 3:
        return bytes.subarray(0, at)
      case 4:
        return insert(this.of(BLOCKS))
      case 5:
        this.of(BLOCKS).copy(bytes, at)
        return bytes
      case 6: {
        const length = 1 + this.below(64)
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
      }
      case 7: {
        const other = this.of(others)
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length + 1))])
      }
      default:
        return insert(Buffer.alloc(1 + this.below(64), this.of(EDGES)))
    }
  }
}

/**
 * Gives every input to `check`, in this process. Fails when one throws or takes too long, or when memory grows.
 *
 * @param input - Makes the input of a number.
 */
export async function fuzz<T>(
  kind: FuzzKind,
  input: (index: number) => T,
  check: (input: T) => void | Promise<void>,
): Promise<void> {
  const inputs = inputsOf(kind)
  const sinceMs = performance.now()
  let settledBytes = 0
  let slowestMs = 0
  for (let index = 0; index < inputs; index += 1) {
    if (index === Math.floor(inputs / 10)) settledBytes = heapBytes()
    const one = input(index)
    const [beganMs, cpu] = [performance.now(), cpuUsage()]
    try {
      const checked = check(one)
      if (checked) await checked
    } catch (error) {
      throw new Error(`${kind}: input ${index} breaks it: ${shown(one)}`, { cause: error })
    }
    const { user, system } = cpuUsage(cpu)
    // A process that others keep from running has not hung, nor has one whose collector works beside it.
    const tookMs = Math.min(performance.now() - beganMs, (user + system) / 1000)
    slowestMs = Math.max(slowestMs, tookMs)
    if (tookMs >= HANG_MS) throw new Error(`${kind}: input ${index} took ${tookMs} ms: ${shown(one)}`)
  }
  const grownBytes = heapBytes() - settledBytes
  expect(grownBytes, `${kind}: bytes left in memory`).toBeLessThan(MOST_GROWN_BYTES)
  fuzzed.slowestMs = Math.max(fuzzed.slowestMs, slowestMs)
  report(kind, inputs, sinceMs, `, slowest ${slowestMs.toFixed(1)} ms, heap ${kib(grownBytes)}`)
}

/** `+12 KiB` */
export function kib(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${Math.round(bytes / 1024)} KiB`
}

function shown(input: unknown): string {
  const text = input instanceof Uint8Array ? Buffer.from(input).toString('hex') : JSON.stringify(input)
  return text.length > 4000 ? `${text.slice(0, 4000)}… (${text.length} characters)` : text
}

/** What lives in the heap, once the garbage is out. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
