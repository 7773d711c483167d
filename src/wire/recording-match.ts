/** Which recordings a query means: the server lists them, the page puts those that events tell of beside them. Pure. */

import type { RecordingSummary, RecordingsQuery } from './api/recordings.ts'
import { calledOf } from './take-cameras.ts'

export type RecordingsWanted = Partial<
  Pick<RecordingsQuery, 'camera' | 'take' | 'state' | 'star' | 'from' | 'to' | 'text'>
>

/** Whether a recording is meant; what the query leaves out does not matter. */
export function matcherOf(query: RecordingsWanted): (recording: RecordingSummary) => boolean {
  const { camera, take, state, star, from, to, text } = query
  const words = comparable(text ?? '')
    .split(/\s+/)
    .filter(Boolean)
  return (one) =>
    (camera === undefined || one.camera === camera || calledOf(one) === camera) &&
    (take === undefined || one.take === take) &&
    (state === undefined || one.state === state) &&
    (star === undefined || one.star === star) &&
    (from === undefined || one.startedAtMs >= from) &&
    (to === undefined || one.startedAtMs < to) &&
    (words.length === 0 || holdsAll(one, words))
}

/** Upper case and lower, and letters that are written in several ways, are the same (Unicode Standard Annex 15). */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** What words are looked for in; made once for each recording as it is. */
const texts = new WeakMap<RecordingSummary, string>()

function holdsAll(one: RecordingSummary, words: readonly string[]): boolean {
  let text = texts.get(one)
  if (text === undefined) {
    const { title, note, camera, cameraName, model, take, id } = one
    text = comparable([title, note, camera, cameraName, model, take, id, dayOf(id)].join('\n'))
    texts.set(one, text)
  }
  return words.every((word) => text.includes(word))
}

/** `2026-11-25`: the day in a folder's name, which is the server's local one. */
function dayOf(id: string): string {
  const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})_\d{6}/.exec(id) ?? []
  return year === undefined ? '' : `${year}-${month}-${day}`
}
