/**
 * Lines above a prompt: when a person sits there what is typed stays as it is, on a pipe there are plain lines.
 *
 * A line may be pinned right above the prompt, and renewed in its place.
 */

import { createInterface, cursorTo, type Interface, type Key, moveCursor } from 'node:readline'

const PROMPT = 'rollcall> '
/** Lines that the arrow keys bring back. */
const HISTORY_LINES = 200
/** Width of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80
/** Output that waits for a terminal that is stopped; what is more is left out. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** ED, erase in display: from the cursor to the end. */
const CLEAR_DOWN = '\x1b[0J'
/** Keys after which readline writes below the prompt or elsewhere: by themselves, and with Ctrl. */
const LEAVING_KEYS: ReadonlySet<string | undefined> = new Set(['return', 'enter', 'tab'])
const LEAVING_CTRL_KEYS: ReadonlySet<string | undefined> = new Set(['c', 'd', 'l'])

/** The standard streams, or a test's. */
export interface ScreenOptions {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; readonly writableLength: number }
  /** There may be a prompt, where both are a terminal. */
  mayPrompt: boolean
  completer: (line: string) => [string[], string]
  onLine: (line: string) => void
  /** ^C at the prompt. */
  onInterrupt: () => void
  /** What to say when the input ends at a prompt, which ends nothing. */
  endText: string
  /** What to say of lines that were left out because nobody read them. */
  leftOutText: (count: number) => string
}

export class Screen {
  readonly hasPrompt: boolean
  readonly #options: ScreenOptions
  #readline: Interface | undefined
  #history: string[] = []
  #isClosed = false
  #isBroken = false
  #linesLeftOut = 0
  /** Stands right above the prompt. */
  #pinned: string | undefined

  constructor(options: ScreenOptions) {
    this.#options = options
    const { input, output, mayPrompt } = options
    this.hasPrompt = Boolean(mayPrompt && input.isTTY && output.isTTY && process.env.TERM !== 'dumb')
    // A terminal or pipe that is gone (EPIPE, EIO) must not end a recording.
    output.on('error', () => {
      this.#isBroken = true
    })
    input.on('error', () => this.#readline?.close())
    if (this.hasPrompt) input.on('keypress', this.#keyComes)
    this.#open()
  }

  get columns(): number {
    return this.#options.output.columns ?? DEFAULT_COLUMNS
  }

  /** Writes a line (without its newline) above the prompt. */
  write(line: string): void {
    const readline = this.#readline
    if (!this.hasPrompt || !readline) {
      this.#put(`${line}\n`)
      return
    }
    this.#toTop(readline)
    this.#put(`${CLEAR_DOWN}${line}\n${this.#pinned === undefined ? '' : `${this.#pinned}\n`}`)
    this.#showPrompt(readline)
  }

  /** Puts a line that fits on one row in the place of the one before, or takes it away. At a prompt only. */
  pin(line: string | undefined): void {
    const readline = this.#readline
    if (!this.hasPrompt || !readline || line === this.#pinned || this.#isStopped) return
    this.#toTop(readline)
    this.#pinned = line
    this.#put(`${CLEAR_DOWN}${line === undefined ? '' : `${line}\n`}`)
    this.#showPrompt(readline)
  }

  /** Gives the terminal back; lines can still be written. May be called twice. */
  close(): void {
    if (this.#isClosed) return
    this.pin(undefined)
    this.#isClosed = true
    const { input } = this.#options
    if (this.hasPrompt) this.#put('\n')
    this.#readline?.close()
    input.removeListener('keypress', this.#keyComes)
    input.pause()
  }

  #open(): void {
    const { input, output, completer, onLine, onInterrupt } = this.#options
    const readline = createInterface({
      input,
      output: this.hasPrompt ? output : undefined,
      terminal: this.hasPrompt,
      prompt: PROMPT,
      historySize: HISTORY_LINES,
      history: [...this.#history],
      removeHistoryDuplicates: true,
      crlfDelay: Number.POSITIVE_INFINITY,
      completer,
    } as Parameters<typeof createInterface>[0])
    this.#readline = readline
    readline.on('history', (lines) => {
      this.#history = lines
    })
    readline.on('line', (line) => {
      onLine(line)
      if (this.hasPrompt && !this.#isClosed) readline.prompt()
    })
    readline.on('SIGINT', onInterrupt)
    readline.on('close', () => this.#inputEnded())
    if (this.hasPrompt) readline.prompt()
  }

  /** ^D at the prompt, or the pipe's end. */
  #inputEnded(): void {
    const { input, endText } = this.#options
    this.#readline = undefined
    if (!this.hasPrompt || this.#isClosed) return
    this.#put('\n')
    this.write(endText)
    // A terminal that is gone sends an end, one that is there goes on.
    if ((input as { readableEnded?: boolean }).readableEnded !== true) this.#open()
  }

  /** Puts the cursor where the pinned line begins, or the prompt where there is none. */
  #toTop(readline: Interface): void {
    const { output } = this.#options
    const { rows, cols } = readline.getCursorPos()
    // Text that just fills a row leaves some cursors at its end, others on the next: make it the next.
    if (rows > 0 && cols === 0) this.#put(' ')
    cursorTo(output, 0)
    moveCursor(output, 0, this.#pinned === undefined ? -rows : -rows - 1)
  }

  #showPrompt(readline: Interface): void {
    // readline would go up by the rows of its prompt, which now begins right here.
    this.#setRow(0)
    readline.prompt(true)
  }

  /** Says on which row of its prompt the cursor is; readline itself loses count when text is pasted. */
  #setRow(row: number): void {
    if (this.#readline) Object.assign(this.#readline, { prevRows: row })
  }

  /** Comes before readline sees the key. */
  readonly #keyComes = (_text: string | undefined, key: Key): void => {
    if (!this.#readline) return
    this.#setRow(this.#readline.getCursorPos().rows)
    if ((key.ctrl ? LEAVING_CTRL_KEYS : LEAVING_KEYS).has(key.name)) this.pin(undefined)
  }

  /** Nobody reads: lines go, so that memory does not. */
  get #isStopped(): boolean {
    return this.#options.output.writableLength > MAX_UNREAD_BYTES
  }

  #put(text: string): void {
    if (this.#isBroken) return
    const { output, leftOutText } = this.#options
    if (this.#isStopped) {
      this.#linesLeftOut += 1
      return
    }
    if (this.#linesLeftOut > 0) output.write(`${leftOutText(this.#linesLeftOut)}\n`)
    this.#linesLeftOut = 0
    output.write(text)
  }
}
