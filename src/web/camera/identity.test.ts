import { expect, it } from 'vitest'
import { lastingId, MAX_NAME, modelOf, ownName, setOwnName } from './identity.ts'

const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36'
const OLD_ANDROID =
  'Mozilla/5.0 (Linux; Android 13; SM-S908B Build/TP1A) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

it('makes an id once, as protocol 2 wants it', () => {
  const id = lastingId()
  expect(id).toMatch(/^phone-[a-z2-9]{8}$/)
  expect(lastingId()).toBe(id)
})

it('keeps a name short and without spaces around it', () => {
  setOwnName('  Stage left  ')
  expect(ownName.value).toBe('Stage left')
  setOwnName('x'.repeat(200))
  expect(ownName.value).toHaveLength(MAX_NAME)
})

it.each([
  [ANDROID, 'Pixel 6a', 'Android', 'Pixel 6a, Chrome 146'],
  [OLD_ANDROID, '', '', 'SM-S908B, Samsung Internet 29'],
  [IPHONE, '', '', 'iPhone, Safari 18'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0',
    '',
    '',
    'Macintosh, Firefox 152',
  ],
  ['', '', '', ''],
])('names the device of %s', (userAgent, model, platform, name) => {
  expect(modelOf(userAgent, model, platform)).toBe(name)
})
