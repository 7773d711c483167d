/** Starts and stops: sends commands, counts down before, and hears who obeys. */

import { effect, signal } from '@preact/signals'
import type { Command, CommandAnswer } from '../../wire/api/cameras.ts'
import { api, problemOf, RequestFailed } from '../api/client.ts'
import { camera, cameras, disk, isRecording, onRoomEvent, take } from '../api/room.ts'
import { maySteer } from '../api/settings.ts'
import { nameOf } from '../live/camera-names.ts'
import { chosen, present } from './chosen.ts'
import { call, hasTrouble, heardAnswer, heardState, type RollCall } from './roll-call.ts'
import { takeSettings } from './take-settings.ts'

/** When all obeyed there is nothing to read: it goes after this, in ms. */
const DONE_MS = 5000
/** A take that has just ended can be watched from there: it stays longer, in ms. */
const WATCH_MS = 15_000
const SECOND_MS = 1000

/** The last command; undefined when there is nothing to tell. */
export const rollCall = signal<RollCall | undefined>(undefined)
/** Seconds that are left of the countdown; undefined while none runs. */
export const countdown = signal<number | undefined>(undefined)
/** The take that ended last, until the next begins. */
export const endedTake = signal<string | undefined>(undefined)
/** Why the last command was not carried out at all. */
export const commandProblem = signal<string | undefined>(undefined)

let timer: ReturnType<typeof setTimeout> | undefined
let doneTimer: ReturnType<typeof setTimeout> | undefined
/** Commands of this page that wait for their answers: what other pages and the terminal send is told by events. */
let waiting = 0
/** The number of the latest: only its answer is told. */
let latest = 0

/** What the record button does: starts, stops what runs, or calls a countdown off. */
export function startOrStop(): void {
  if (!maySteer.peek()) return
  if (countdown.peek() !== undefined) endCountdown()
  else if (isRecording.peek()) void stop()
  else if (chosen.peek().length > 0) startAfterCountdown()
}

/** A new take in place of one in which nobody records. */
export function startAnew(): void {
  if (countdown.peek() === undefined && chosen.peek().length > 0) startAfterCountdown()
}

/** Starts cameras that are not in the running take. */
export function startOthers(ids: string[]): void {
  void send({ ...startCommand(), cameras: ids }, ids)
}

export function closeRollCall(): void {
  rollCall.value = undefined
  commandProblem.value = undefined
}

function startAfterCountdown(): void {
  const seconds = takeSettings.peek().countdown
  if (seconds === 0) return void start()
  countdown.value = seconds
  const tick = () => {
    const left = (countdown.peek() ?? 1) - 1
    if (left > 0) {
      countdown.value = left
      timer = setTimeout(tick, SECOND_MS)
      return
    }
    countdown.value = undefined
    void start()
  }
  timer = setTimeout(tick, SECOND_MS)
}

/** Calls the countdown off, if one runs. */
export function endCountdown(): void {
  clearTimeout(timer)
  countdown.value = undefined
}

function startCommand(): Command {
  const { ratio, bitrateMbps, fps, board } = takeSettings.peek()
  const ofBoards = chosen.peek().some((one) => one.board !== null) ? board : {}
  return { command: 'start', bitrateMbps, fps, ...(ratio !== 'phone' && { aspectRatio: ratio }), ...ofBoards }
}

async function start(): Promise<void> {
  const ids = chosen.peek().map(({ id }) => id)
  // All were unticked during the countdown: the dock says that none is chosen.
  if (ids.length === 0) return
  const isAll = ids.length === present.peek().length
  return send({ ...startCommand(), ...(!isAll && { cameras: ids }) }, ids)
}

function stop(): Promise<void> {
  const ids = present.peek().flatMap(({ id, state }) => (state === 'ready' ? [] : [id]))
  return send({ command: 'stop' }, ids)
}

async function send(command: Command, ids: string[]): Promise<void> {
  // One start at a time; a stop may come at any time.
  if (waiting > 0 && command.command === 'start') return
  waiting += 1
  latest += 1
  const turn = latest
  clearTimeout(doneTimer)
  commandProblem.value = undefined
  rollCall.value = call(
    command.command,
    ids.map((id) => ({ id, name: nameById(id) })),
  )
  try {
    const answer = await api<CommandAnswer>('POST', '/api/commands', command)
    if (turn === latest) answered(answer)
  } catch (error) {
    if (turn !== latest) return
    rollCall.value = undefined
    // What is known of the disk is shown anyway, with what to do.
    const isTold = error instanceof RequestFailed && error.code === 'DISK_SPACE_LOW' && disk.peek()?.isLow
    if (!isTold) commandProblem.value = problemOf(error)
  } finally {
    waiting -= 1
  }
}

function answered(answer: CommandAnswer): void {
  const places = cameras.peek().map(({ id }) => id)
  // A stop goes to all; those that did not stream are not worth a word.
  const meant = answer.cameras.filter(({ result }) => answer.command === 'start' || result !== 'already')
  const inOrder = meant.toSorted((a, b) => places.indexOf(a.camera) - places.indexOf(b.camera))
  const heard = heardAnswer({ ...answer, cameras: inOrder }, nameById)
  rollCall.value = heard
  clearTimeout(doneTimer)
  const stayMs = heard.command === 'stop' && endedTake.peek() ? WATCH_MS : DONE_MS
  if (!hasTrouble(heard)) doneTimer = setTimeout(closeRollCall, stayMs)
}

function nameById(id: string): string {
  const view = camera(id)?.peek()
  return view ? nameOf(view) : id
}

/** Hears what cameras do, which take ended, and of commands that others send. */
export function followCommands(): void {
  effect(() => {
    const all = cameras.value
    const now = rollCall.peek()
    if (now) rollCall.value = all.reduce(heardState, now)
  })
  let running: string | undefined
  effect(() => {
    const before = running
    running = take.value?.id
    if (running !== before) endedTake.value = running === undefined ? before : undefined
  })
  onRoomEvent((event) => {
    if (event.type === 'command' && waiting === 0 && event.answer.cameras.length > 0) answered(event.answer)
  })
}
