/** The integrity account of a recording in words, in the language that is shown: what arrived, what did not, and where. */

import { countText } from '../format.ts'
import { texts } from '../texts.ts'
import type { Moment } from './intervals.ts'
import { placeText, spanText } from './when.ts'

/** The part of recording.json that is told; docs/storage.md says what each key counts. */
export interface Account {
  state: 'recording' | 'closed' | 'recovered' | 'failed'
  pictures: number
  integrity: {
    malformed: number
    notH264: number
    missing: number
    repeated: number
    outOfOrder: number
    sequenceRestarts: number
    picturesBeforeKeyframe: number
    droppedBefore?: number | undefined
    droppedAtEnd?: number | undefined
    missingAt: (Moment & { count: number })[]
    gaps: (Moment & { durationMs: number })[]
    gapCount: number
    clockJumps: (Moment & { jumpMs: number })[]
  }
  parts: unknown[]
  errors: { code: string; message: string }[]
}

/** How much a sentence matters: `good` needs no look, `note` explains, `bad` says that something is not there. */
export type Weight = 'good' | 'note' | 'bad'

export interface Sentence {
  weight: Weight
  text: string
  /** Where in the film to look; none when it concerns the whole. */
  moment?: Moment
}

/** A loss and a gap so close together are one event, in ms. */
const SAME_EVENT_MS = 50

/** The one line that stands for all: "All 1,800 pictures arrived." */
export function headline({
  state,
  pictures,
  missing,
  gapCount,
}: {
  state: Account['state']
  pictures: number
  missing: number
  gapCount: number
}): Sentence {
  const words = t()
  const text = () => {
    if (pictures === 0) return state === 'recording' ? words.waiting : words.none
    if (missing > 0) return words.someMissing(countText(missing), countText(pictures + missing))
    if (state === 'recording') return words.soFar(countText(pictures), pictures)
    if (gapCount > 0) return words.allWithPauses(countText(pictures), pictures, countText(gapCount), gapCount)
    return words.all(countText(pictures), pictures)
  }
  const isBad = state === 'failed' || missing > 0 || (pictures === 0 && state !== 'recording')
  return { weight: isBad ? 'bad' : gapCount > 0 ? 'note' : 'good', text: text() }
}

/** All that is to be told of a recording beside its headline, what is lost first. */
export function sentencesOf(account: Account): Sentence[] {
  const { integrity, state, errors } = account
  const words = t()
  const say = (weight: Weight, count: number | undefined, tell: (text: string, count: number) => string) =>
    count ? [{ weight, text: tell(countText(count), count) }] : []
  return [
    ...(state === 'failed' ? [{ weight: 'bad' as const, text: words.failed }] : []),
    ...errors.map(({ code, message }) => ({ weight: 'bad' as const, text: words.error(code, message) })),
    ...placesOf(account),
    ...say('bad', integrity.droppedBefore, words.droppedBefore),
    ...say('bad', integrity.droppedAtEnd, words.droppedAtEnd),
    ...say('bad', integrity.malformed, words.malformed),
    ...say('note', integrity.notH264, words.notH264),
    ...say('note', integrity.picturesBeforeKeyframe, words.beforeKeyframe),
    ...say('note', integrity.outOfOrder, words.outOfOrder),
    ...say('note', integrity.repeated, words.repeated),
    ...say('note', integrity.sequenceRestarts, words.restarts),
    ...(state === 'recovered' ? [{ weight: 'note' as const, text: words.recovered }] : []),
  ]
}

/** Losses, gaps and clock jumps in the order of the film; a loss and the gap that it made are one sentence. */
function placesOf({ integrity, parts }: Account): Sentence[] {
  const words = t()
  const at = ({ part, atMs }: Moment) =>
    part === 0
      ? words.beforeFilm
      : parts.length > 1
        ? words.inPart(part, placeText(atMs))
        : words.at(placeText(atMs))
  const told = new Set<object>()
  const losses = together(integrity.missingAt).map((loss): Sentence => {
    const gap = integrity.gaps.find((gap) => !told.has(gap) && isSameEvent(loss, gap))
    if (gap) told.add(gap)
    const span = gap ? words.span(spanText(gap.durationMs)) : ''
    return {
      weight: 'bad',
      text: words.missingAt(countText(loss.count), at(gap ? beginOf(gap) : loss)) + span,
      moment: gap ? beginOf(gap) : loss,
    }
  })
  const gaps = integrity.gaps
    .filter((gap) => !told.has(gap))
    .map((gap): Sentence => {
      const text = words.gapAt(spanText(gap.durationMs), at(beginOf(gap)))
      return { weight: 'note', text, moment: beginOf(gap) }
    })
  const jumps = integrity.clockJumps.map((jump): Sentence => {
    const span = spanText(Math.abs(jump.jumpMs))
    const text = jump.jumpMs < 0 ? words.jumpBack(span, at(jump)) : words.jumpAhead(span, at(jump))
    return { weight: 'note', text, moment: jump }
  })
  return [...losses, ...gaps, ...jumps].sort((a, b) => byMoment(a.moment!, b.moment!))
}

/** Losses within one second read as one: they are told at the same place. */
function together<T extends Moment & { count: number }>(losses: readonly T[]): T[] {
  const told: T[] = []
  for (const loss of losses) {
    const before = told.at(-1)
    const isSame = before?.part === loss.part && placeText(before.atMs) === placeText(loss.atMs)
    if (isSame) told.splice(-1, 1, { ...before, count: before.count + loss.count })
    else told.push(loss)
  }
  return told
}

/** A place names where a gap ends; what is looked for is where it begins. */
export function beginOf({ part, atMs, durationMs }: Moment & { durationMs: number }): Moment {
  return { part, atMs: Math.max(0, atMs - durationMs) }
}

function isSameEvent(loss: Moment, gap: Moment & { durationMs: number }): boolean {
  if (loss.part !== gap.part) return false
  return loss.atMs > gap.atMs - gap.durationMs - SAME_EVENT_MS && loss.atMs < gap.atMs + SAME_EVENT_MS
}

function byMoment(a: Moment, b: Moment): number {
  return a.part - b.part || a.atMs - b.atMs
}

const plural = (count: number, one: string, many: string) => (count === 1 ? one : many)

const t = texts(
  {
    waiting: 'Waiting for the first picture.',
    none: 'No picture arrived.',
    all: (count: string, n: number) =>
      plural(n, 'The one picture arrived.', `All ${count} pictures arrived.`),
    allWithPauses: (count: string, n: number, pauses: string, p: number) =>
      `${plural(n, 'The one picture', `All ${count} pictures`)} arrived, with ${pauses} ${plural(p, 'pause', 'pauses')}.`,
    soFar: (count: string, n: number) => `${count} ${plural(n, 'picture', 'pictures')} so far, none missing.`,
    someMissing: (missing: string, of: string) => `${missing} of ${of} pictures missing.`,
    at: (time: string) => `at ${time}`,
    inPart: (part: number, time: string) => `at ${time} of part ${part}`,
    beforeFilm: 'before the film begins',
    missingAt: (count: string, place: string) => `${count} missing ${place}`,
    span: (span: string) => `, nothing for ${span}`,
    gapAt: (span: string, place: string) => `No picture for ${span} ${place}`,
    jumpAhead: (span: string, place: string) =>
      `The phone’s clock jumped ${span} ahead ${place}: a new part begins`,
    jumpBack: (span: string, place: string) =>
      `The phone’s clock jumped ${span} back ${place}: a new part begins`,
    droppedBefore: (count: string, n: number) =>
      `${count} ${plural(n, 'picture was', 'pictures were')} not recorded before this began: the disk took nothing`,
    droppedAtEnd: (count: string, n: number) =>
      `The disk did not take the last ${plural(n, 'picture', `${count} pictures`)}`,
    malformed: (count: string, n: number) =>
      `${count} ${plural(n, 'message', 'messages')} could not be read and ${plural(n, 'was', 'were')} dropped`,
    notH264: (count: string, n: number) =>
      `${count} ${plural(n, 'packet was', 'packets were')} no H.264 that can be read: in the raw file only`,
    beforeKeyframe: (count: string, n: number) =>
      `${count} ${plural(n, 'picture', 'pictures')} came before the first keyframe: in the raw file only`,
    outOfOrder: (count: string, n: number) =>
      `${count} came late and ${plural(n, 'is', 'are')} in the right place`,
    repeated: (count: string, n: number) =>
      `${count} came twice; the film has ${plural(n, 'it', 'each')} once`,
    restarts: (count: string, n: number) =>
      `The phone began counting anew ${plural(n, 'once', `${count} times`)}`,
    recovered:
      'The server was cut off while this was recorded. It was closed at the next start with all that was written.',
    failed: 'The disk refused to go on. What could be kept is kept.',
    error: (code: string, message: string) => `${message} (${code})`,
  },
  {
    waiting: '正在等待第一帧画面。',
    none: '没有收到任何画面。',
    all: (count) => `全部 ${count} 帧画面均已收到。`,
    allWithPauses: (count, _, pauses) => `全部 ${count} 帧画面均已收到，其间有 ${pauses} 处停顿。`,
    soFar: (count) => `目前已收到 ${count} 帧，没有缺失。`,
    someMissing: (missing, of) => `${of} 帧中缺失 ${missing} 帧。`,
    at: (time) => `${time} 处`,
    inPart: (part, time) => `第 ${part} 段 ${time} 处`,
    beforeFilm: '影片开始之前',
    missingAt: (count, place) => `${place}缺失 ${count} 帧`,
    span: (span) => `，${span}没有画面`,
    gapAt: (span, place) => `${place}有 ${span}没有画面`,
    jumpAhead: (span, place) => `${place}手机时钟向前跳了 ${span}，此后为新的一段`,
    jumpBack: (span, place) => `${place}手机时钟向后跳了 ${span}，此后为新的一段`,
    droppedBefore: (count) => `开始之前有 ${count} 帧未能录下：磁盘无法写入`,
    droppedAtEnd: (count) => `最后 ${count} 帧未能写入磁盘`,
    malformed: (count) => `${count} 条消息无法读取，已丢弃`,
    notH264: (count) => `${count} 个数据包不是可读的 H.264，仅存于原始文件`,
    beforeKeyframe: (count) => `${count} 帧早于第一个关键帧，仅存于原始文件`,
    outOfOrder: (count) => `${count} 帧晚到，已放回正确位置`,
    repeated: (count) => `${count} 帧重复到达，影片中只保留一次`,
    restarts: (count) => `手机重新编号 ${count} 次`,
    recovered: '录制时服务器曾中断。下次启动时已将写入的内容全部保存并收尾。',
    failed: '磁盘无法继续写入。能保留的都已保留。',
    error: (code, message) => `${message}（${code}）`,
  },
)
