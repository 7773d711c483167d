/** A board that captures by the clock once it is told to, and knows what the server had read of it. */

import { jpegs, TestBoard } from './board.ts'

/** From one picture to the next, in ms: twice as many as a real board sends. */
export const BOARD_INTERVAL_MS = 33
/** Sent over and over; each differs from the one before. */
const PICTURES = 60

/** Bytes of a picture's number, in a comment (ITU-T T.81, B.2.4.5) behind the start marker. */
const NUMBER_BYTES = 4
const NUMBER_AT = 6

/** The picture with a number in it: no two are the same. */
export function numbered(jpeg: Uint8Array, number: number): Uint8Array {
  const comment = Buffer.from([0xff, 0xfe, 0, 2 + NUMBER_BYTES, 0, 0, 0, 0])
  comment.writeUInt32BE(number, NUMBER_BYTES)
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)])
}

/** What `numbered` wrote. */
export function numberIn(jpeg: Uint8Array): number {
  return Buffer.from(jpeg).readUInt32BE(NUMBER_AT)
}

/** What the server had read, and when its answer came. */
interface Answer {
  atMs: number
  pictures: number
}

export class StreamingBoard {
  readonly board: TestBoard
  readonly #jpegs: Uint8Array[]
  #timer: NodeJS.Timeout | undefined
  #answers: Answer[] = []
  #isAsking = false
  /** Pictures that were sent before the latest capture. */
  #from = 0

  private constructor(board: TestBoard, pictures: Uint8Array[]) {
    this.board = board
    this.#jpegs = pictures
  }

  /** @param id - What it calls itself. */
  static async connect(port: number, id: string, size = '160x120'): Promise<StreamingBoard> {
    const pictures = await jpegs(PICTURES, size)
    let one: StreamingBoard | undefined
    const answers = (text: string) => one?.obey(text)
    const board = await TestBoard.connect({ port, query: `?id=${id}`, answers })
    one = new StreamingBoard(board, pictures)
    return one
  }

  /** Pictures of the latest capture. */
  get sent(): Uint8Array[] {
    return this.board.sent.slice(this.#from)
  }

  /** Its answer to a text. */
  obey(text: string): string {
    if (text.startsWith('start')) this.#start()
    if (text === 'stop') this.pause()
    return `ACK: ${text}`
  }

  /** Sends no more; nothing is said of it. */
  pause(): void {
    clearInterval(this.#timer)
  }

  /** Ends the capture by itself. */
  stop(): void {
    this.pause()
    this.board.say('ACK: stop')
  }

  /** Pictures of the latest capture that the server had read for certain by then. */
  confirmedAt(atMs: number): number {
    return this.#answers.findLast((answer) => answer.atMs <= atMs)?.pictures ?? 0
  }

  /** The longest time within the last `ms` before `atMs` in which the server did not come to read anything. */
  longestPauseMs(atMs: number, ms: number): number {
    const times = [...this.#answers.map((answer) => answer.atMs).filter((time) => time <= atMs), atMs]
    return Math.max(0, ...times.slice(1).flatMap((time, i) => (time > atMs - ms ? [time - times[i]!] : [])))
  }

  #start(): void {
    this.pause()
    this.#from = this.board.sent.length
    this.#answers = []
    const over = new Promise<'over'>((resolve) => this.board.socket.once('close', () => resolve('over')))
    const beganMs = performance.now()
    this.#timer = setInterval(() => {
      const { socket, sent } = this.board
      if (socket.readyState !== socket.OPEN) return this.pause()
      while (performance.now() - beganMs > (sent.length - this.#from) * BOARD_INTERVAL_MS)
        this.board.picture(numbered(this.#jpegs[sent.length % this.#jpegs.length]!, sent.length))
      void this.#ask(over)
    }, BOARD_INTERVAL_MS)
  }

  /** One question at a time: its answer tells of what was sent before it. */
  async #ask(over: Promise<'over'>): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const [answers, pictures] = [this.#answers, this.board.sent.length - this.#from]
    const answer = await Promise.race([this.board.acknowledged(), over])
    this.#isAsking = false
    if (answer !== 'over') answers.push({ atMs: performance.now(), pictures })
  }
}
