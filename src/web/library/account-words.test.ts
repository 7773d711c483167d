import { beforeEach, expect, it } from 'vitest'
import { language } from '../texts.ts'
import { type Account, headline, sentencesOf } from './account-words.ts'

function account(change: Partial<Account['integrity']> = {}, facts: Partial<Account> = {}): Account {
  return {
    state: 'closed',
    pictures: 1800,
    parts: [{}],
    errors: [],
    ...facts,
    integrity: {
      malformed: 0,
      notH264: 0,
      missing: 0,
      repeated: 0,
      outOfOrder: 0,
      sequenceRestarts: 0,
      picturesBeforeKeyframe: 0,
      missingAt: [],
      gaps: [],
      gapCount: 0,
      clockJumps: [],
      ...change,
    },
  }
}
const said = (of: Account, spoken: 'en' | 'zh' = 'en') => {
  language.value = spoken
  return sentencesOf(of).map(({ text }) => text)
}
beforeEach(() => {
  language.value = 'en'
})
const facts = { state: 'closed', pictures: 1800, missing: 0, gapCount: 0 } as const

it('says in one line whether everything arrived', () => {
  expect(headline(facts)).toEqual({ weight: 'good', text: 'All 1,800 pictures arrived.' })
  expect(headline({ ...facts, missing: 12, gapCount: 1 })).toEqual({
    weight: 'bad',
    text: '12 of 1,812 pictures missing.',
  })
  expect(headline({ ...facts, gapCount: 1 })).toEqual({
    weight: 'note',
    text: 'All 1,800 pictures arrived, with 1 pause.',
  })
  expect(headline({ ...facts, state: 'recording' }).text).toBe('1,800 pictures so far, none missing.')
  expect(headline({ ...facts, state: 'recording', pictures: 0 }).weight).toBe('good')
  expect(headline({ ...facts, pictures: 0 })).toEqual({ weight: 'bad', text: 'No picture arrived.' })
  expect(headline({ ...facts, state: 'failed' }).weight).toBe('bad')
  language.value = 'zh'
  expect(headline(facts).text).toBe('全部 1,800 帧画面均已收到。')
})

it('says nothing more of a recording that is whole', () => {
  expect(sentencesOf(account())).toEqual([])
})

it('tells what is missing and where, with the gap that it made, by where that begins', () => {
  const lost = account({
    missing: 12,
    missingAt: [{ part: 1, atMs: 42_200, count: 12 }],
    gaps: [{ part: 1, atMs: 42_200, durationMs: 1200 }],
    gapCount: 1,
  })
  expect(sentencesOf(lost)).toEqual([
    { weight: 'bad', text: '12 missing at 00:41, nothing for 1.2 s', moment: { part: 1, atMs: 41_000 } },
  ])
  expect(said(lost, 'zh')).toEqual(['00:41 处缺失 12 帧，1.2 秒没有画面'])
})

it('tells gaps and clock jumps in the order of the film', () => {
  const told = account(
    {
      gaps: [
        { part: 2, atMs: 10_000, durationMs: 400 },
        { part: 1, atMs: 5000, durationMs: 2000 },
      ],
      gapCount: 2,
      clockJumps: [{ part: 1, atMs: 20_000, jumpMs: -3_600_000 }],
      missing: 1,
      missingAt: [{ part: 0, atMs: 0, count: 1 }],
    },
    { parts: [{}, {}] },
  )
  expect(said(told)).toEqual([
    '1 missing before the film begins',
    'No picture for 2.0 s at 00:03 of part 1',
    'The phone’s clock jumped 3600 s back at 00:20 of part 1: a new part begins',
    'No picture for 400 ms at 00:09 of part 2',
  ])
})

it('tells what the disk, the phone and a crash did', () => {
  const told = account(
    {
      droppedBefore: 30,
      droppedAtEnd: 1,
      malformed: 2,
      notH264: 1,
      picturesBeforeKeyframe: 4,
      outOfOrder: 5,
      repeated: 1,
      sequenceRestarts: 1,
    },
    { state: 'recovered', errors: [{ code: 'DISK_FULL', message: 'the disk is full' }] },
  )
  expect(said(told)).toEqual([
    'the disk is full (DISK_FULL)',
    '30 pictures were not recorded before this began: the disk took nothing',
    'The disk did not take the last picture',
    '2 messages could not be read and were dropped',
    '1 packet was no H.264 that can be read: in the raw file only',
    '4 pictures came before the first keyframe: in the raw file only',
    '5 came late and are in the right place',
    '1 came twice; the film has it once',
    'The phone began counting anew once',
    'The server was cut off while this was recorded. It was closed at the next start with all that was written.',
  ])
  expect(said(told, 'zh')).toHaveLength(10)
  expect(said(account({}, { state: 'failed' }), 'zh')).toEqual(['磁盘无法继续写入。能保留的都已保留。'])
})
