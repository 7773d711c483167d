/** The operator's terminal: a prompt when a person sits there, plain lines when it is a pipe. */

import { RequestError } from '../errors.ts'
import { printable } from '../log.ts'
import type { Sent } from '../recording/asked.ts'
import type { StartRequest } from '../wire/messages.ts'
import { type CameraPage, codeLines, pageLines } from './camera-code.ts'
import { completeCommand, helpLines, parseCommand, startText } from './command.ts'
import {
  boardsLine,
  camerasText,
  diskLine,
  namedOutcome,
  outcomeLines,
  type Room,
  statusLines,
  takeLine,
} from './room.ts'
import { Screen, type ScreenOptions } from './screen.ts'

/** How often the terminal tells what comes from boards. */
const BOARDS_MS = 1000

/** What the operator types on and reads from: the standard streams, or a test's. */
export interface TerminalOptions {
  input: ScreenOptions['input']
  output: ScreenOptions['output']
  room: Room
  /** `quit`, `exit` or ^C at the prompt. Comes again if they are typed again. */
  onQuit: () => void
  /** Where browsers sign in, a line each. */
  signIn?: () => string[]
  /** Addresses of the camera page, best first; none when phones reach none. */
  cameraPages?: () => CameraPage[]
  /** Shows the best one as a QR code too, where the output is a terminal that is wide enough. */
  hasCode?: boolean
  /** Takes the answers, a line each, in place of the output; there is no prompt then. */
  say?: ((line: string) => void) | undefined
}

/** An open terminal. */
export interface Terminal {
  /** Writes a line (without its newline) above the prompt; what the operator has typed stays as it is. */
  write(line: string): void
  /** Writes the addresses of the camera page, and the QR code of the best one where it can. */
  showCamera(): void
  /** Gives the terminal back; lines can still be written. May be called twice. */
  close(): void
}

/** Opens the terminal. The end of the input ends nothing: only `quit` does. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { input, output, room, onQuit, say: tell, hasCode = false } = options
  const { signIn = () => [], cameraPages = () => [] } = options
  const screen = new Screen({
    input,
    output,
    mayPrompt: !tell,
    completer: completeCommand,
    onLine: (line) => obey(line).forEach(say),
    onInterrupt: onQuit,
    endText: 'Rollcall goes on; type quit to end it.',
    leftOutText,
  })

  /** Does what the line says, and answers at once; what the cameras say to it follows by itself. */
  function obey(line: string): string[] {
    const boards = room.cameras().filter(({ isBoard }) => isBoard)
    const command = parseCommand(line, new Set(boards.map(({ id }) => id)))
    switch (command.kind) {
      case 'none':
        return []
      case 'unknown':
        return [command.message]
      case 'help':
        return helpLines(screen.columns)
      case 'link':
        return signIn()
      case 'status':
        return command.camera === undefined ? status() : [ask(command.camera)]
      case 'camera':
      case 'qr':
        showCamera(command.kind === 'qr')
        return []
      case 'start':
        return [
          ...command.problems.map((problem) => `start: ${problem}`),
          start(command.request, command.camera),
        ]
      case 'stop':
        return [stop(command.camera)]
      case 'quit':
        onQuit()
        return []
    }
  }

  /** Why a camera that was named cannot be meant. */
  function unknownText(command: string, camera: string | undefined): string | undefined {
    const ids = room.cameras().map(({ id }) => id)
    if (camera === undefined || ids.includes(camera)) return undefined
    const there = ids.length > 0 ? ids.map((id) => `@${id}`).join(', ') : 'none'
    return `${command}: no camera "${camera}" is connected; there are: ${there}`
  }

  function answer(what: string, command: 'start' | 'stop', outcome: Sent['outcome']): void {
    void outcome.then((result) =>
      outcomeLines(what, command, namedOutcome(result, room.cameras())).forEach(say),
    )
  }

  function start(request: StartRequest, camera?: string): string {
    const connected = room.cameras().length
    if (connected === 0) return 'start: no camera is connected, nothing is started'
    const unknown = unknownText('start', camera)
    if (unknown) return unknown
    const running = room.takeId()
    let sent: Sent
    try {
      sent = room.start(request, camera)
    } catch (error) {
      if (error instanceof RequestError) return `start: ${error.message} (${error.code}); nothing is started`
      throw error
    }
    const { takeId = 'start', cameras, outcome } = sent
    answer(takeId, 'start', outcome)
    const settings = startText(request)
    if (takeId !== running) return `${takeId}: starting ${camerasText(cameras.length)} (${settings})`
    if (cameras.length > 0)
      return `${takeId} runs: starting ${camerasText(cameras.length, 'more ')} (${settings})`
    if (camera !== undefined) return `${takeId} runs already: ${camera} is in it`
    return `${takeId} runs already: ${connected === 1 ? 'the only camera is' : `all ${connected} cameras are`} in it`
  }

  function stop(camera?: string): string {
    const unknown = unknownText('stop', camera)
    if (unknown) return unknown
    const takeId = room.takeId()
    const what = takeId ?? 'stop'
    // Even with nobody there it ends the take: the next phone must not join it.
    const { cameras, outcome } = room.stop(camera)
    if (cameras.length === 0)
      return `${what}: no camera is connected, ${takeId ? 'the take has ended' : 'nothing is stopped'}`
    answer(what, 'stop', outcome)
    return `${what}: stopping ${camerasText(cameras.length)}`
  }

  /** Its answer is a line of the log. */
  function ask(board: string): string {
    const unknown = unknownText('status', board)
    if (unknown) return unknown
    room.tell(board, 'status').catch((error: Error) => say(`status: ${board}: ${error.message}`))
    return `status: asking ${board}`
  }

  function status(): string[] {
    const rows = room.cameras().map((row) => ({
      ...row,
      name: row.name && printable(row.name),
      model: row.model && printable(row.model),
    }))
    const takeId = room.takeId()
    const disk = room.disk()
    const fault = room.dataFault()
    return [
      ...(rows.length > 0 ? statusLines(rows, screen.columns) : ['No camera is connected.']),
      takeLine(takeId, rows),
      ...(disk ? [diskLine(disk)] : []),
      ...(fault ? [`The data folder ${fault}: nothing can be recorded.`] : []),
    ]
  }

  /** @param isBestAlone - No address but the best one. */
  function showCamera(isBestAlone = false): void {
    const pages = cameraPages()
    const [best] = pages
    if (!best) {
      say('No phone reaches the camera page here: look at --host, and whether https is on.')
      return
    }
    const mayShow = hasCode && !tell && output.isTTY === true && process.env.TERM !== 'dumb'
    const code = mayShow ? codeLines(best.scanned) : undefined
    const isWide = code !== undefined && code.columns < (output.columns ?? 0)
    const [bestLine, ...others] = pageLines(pages)
    // Last comes what is scanned: a window of 24 rows shows no more than that.
    if (isWide && !isBestAlone) others.forEach(say)
    // In one piece: another line between its rows would spoil the code.
    if (isWide) screen.write(code.lines.join('\n'))
    say(bestLine!)
    if (!isWide && !isBestAlone) others.forEach(say)
    if (code && !isWide) say(`(A QR code needs a window of more than ${code.columns} columns.)`)
  }

  /** A line of ours, which may quote what others sent. */
  function say(line: string): void {
    if (tell) tell(line)
    else screen.write(printable(line))
  }

  /** At a prompt the line is renewed in its place; a pipe gets one a second. Logs have no need of it. */
  function tellBoards(): void {
    if (tell) return
    const { hasPrompt, columns } = screen
    const line = boardsLine(room.cameras(), hasPrompt ? columns : Number.POSITIVE_INFINITY)
    if (hasPrompt) screen.pin(line)
    else if (line !== undefined) screen.write(line)
  }

  function leftOutText(count: number): string {
    const msg = `${count} lines were left out: nobody read them`
    return tell ? JSON.stringify({ level: 40, msg }) : `(${msg})`
  }

  const boardsTimer = setInterval(tellBoards, BOARDS_MS).unref()
  return {
    write: (line) => screen.write(line),
    showCamera: () => showCamera(),
    close() {
      clearInterval(boardsTimer)
      screen.close()
    },
  }
}
