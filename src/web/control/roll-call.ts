/** Who obeyed a command, as far as is known. Pure. */

import type { CameraView, CommandAnswer } from '../../wire/api/cameras.ts'

export type Result = CommandAnswer['cameras'][number]['result'] | 'waiting'

export interface Called {
  camera: string
  name: string
  result: Result
  /** Why not, in the words of the camera or the server. */
  message: string | null
}

export interface RollCall {
  command: 'start' | 'stop'
  called: Called[]
  /** The server has answered for all. */
  isDone: boolean
}

/** Calls these cameras; none has answered. */
export function call(
  command: RollCall['command'],
  cameras: readonly { id: string; name: string }[],
): RollCall {
  const called = cameras.map(({ id, name }) => ({
    camera: id,
    name,
    result: 'waiting' as const,
    message: null,
  }))
  return { command, called, isDone: false }
}

/** A camera's state says before the server's answer that it obeyed. */
export function heardState(rollCall: RollCall, { id, state }: Pick<CameraView, 'id' | 'state'>): RollCall {
  const obeyed = rollCall.command === 'start' ? state === 'recording' : state === 'ready'
  const isWaiting = rollCall.called.some(({ camera, result }) => camera === id && result === 'waiting')
  if (rollCall.isDone || !obeyed || !isWaiting) return rollCall
  const called = rollCall.called.map((one) =>
    one.camera === id ? { ...one, result: 'confirmed' as const } : one,
  )
  return { ...rollCall, called }
}

/**
 * The server's answer is the last word.
 *
 * @param nameOf - Of a camera that was called by the answer alone.
 */
export function heardAnswer(answer: CommandAnswer, nameOf: (id: string) => string): RollCall {
  const called = answer.cameras.map((one) => ({ ...one, name: nameOf(one.camera) }))
  return { command: answer.command, called, isDone: true }
}

const TROUBLE: ReadonlySet<Result> = new Set(['refused', 'failed', 'silent', 'away'])

/** Whether somebody did not obey: then it stays until it is read. */
export function hasTrouble({ called }: RollCall): boolean {
  return called.some(({ result }) => TROUBLE.has(result))
}

/** How many obeyed, those included that did already. */
export function obeyedCount({ called }: RollCall): number {
  return called.filter(({ result }) => result === 'confirmed' || result === 'already').length
}
