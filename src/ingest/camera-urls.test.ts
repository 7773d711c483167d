import { expect, it } from 'vitest'
import { pathOf } from './camera-urls.ts'

it.each([
  [undefined, '/'],
  ['/esp', '/esp'],
  ['/android-cam?key=abc', '/android-cam'],
  ['/android-cam%3Fkey=abc', '/android-cam'],
  ['/android-cam%3fkey=abc?x', '/android-cam'],
])('finds the path of %s, without the key', (url, path) => {
  expect(pathOf(url)).toBe(path)
})
