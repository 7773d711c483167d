import { expect, it } from 'vitest'
import { language, languageOf, texts } from './texts.ts'

it.each([
  [null, ['zh-CN', 'en'], 'zh'],
  [null, ['de-DE', 'zh-TW', 'en'], 'zh'],
  [null, ['fr', 'EN-us'], 'en'],
  [null, [], 'en'],
  ['zh', ['en'], 'zh'],
  ['xx', ['zh'], 'zh'],
] as const)('with the choice %s and the languages %j speaks %s', (choice, wanted, spoken) => {
  expect(languageOf(choice, wanted)).toBe(spoken)
})

it('gives the words of the language that is shown', () => {
  const t = texts(
    { stop: 'Stop', lost: (count: number) => `${count} lost` },
    { stop: '停止', lost: (count) => `丢失 ${count}` },
  )
  language.value = 'zh'
  expect([t().stop, t().lost(3)]).toEqual(['停止', '丢失 3'])
  language.value = 'en'
  expect([t().stop, t().lost(3)]).toEqual(['Stop', '3 lost'])
})
