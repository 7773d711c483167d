import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { codeLines, pageLines } from './camera-code.ts'

const address = 'https://192.168.1.20:50443/camera'

it('is dark on light whatever the theme, two modules a character, as wide as it says', () => {
  const { lines, columns } = codeLines(address)
  expect(columns).toBe(encode(address, { border: 2 }).size)
  expect(lines).toHaveLength(Math.ceil(columns / 2))
  for (const line of lines) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked at
    expect(line).toMatch(/^\x1b\[38;5;231;48;5;16m[█▀▄ ]+\x1b\[0m$/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the same
    expect(line.replaceAll(/\x1b\[[\d;]*m/g, '')).toHaveLength(columns)
  }
})

it('names the networks where there are several addresses, and never shows a key', () => {
  const page = (shown: string, network: string) => ({ shown, scanned: `${shown}secret`, network })
  expect(pageLines([page(address, 'eth0')])).toEqual([`  ${address}`])
  expect(pageLines([page('a#key=…', 'eth0'), page('b', '')])).toEqual(['  a#key=…  (eth0)', '  b'])
})
