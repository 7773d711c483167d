/**
 * `npm run test:faults`: the tests in test/faults in their long form, one file after the other. What they measured goes
 * into docs/reliability.md when all of them have passed. Words behind `--` choose files.
 */

import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROMISES, saveFigure } from './reliability.ts'

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const FIGURE = /^\[figure\] ([a-z-]+): (.+)$/gm

const words = process.argv.slice(2)
const files = words.length > 0 ? words.map((word) => `test/faults/${word}`) : ['test/faults/']
const vitest = spawn(process.execPath, [VITEST, 'run', '--no-file-parallelism', ...files], {
  env: { ...process.env, FAULTS: 'long' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let output = ''
vitest.stdout.on('data', (data) => {
  process.stdout.write(data)
  output += data
})
vitest.on('close', (code) => {
  process.exitCode = code ?? 1
  if (code !== 0) return
  // Several lines of one promise stand together.
  const figures = new Map<string, string[]>()
  for (const [, name, text] of output.matchAll(FIGURE))
    figures.set(name!, [...(figures.get(name!) ?? []), text!])
  for (const [name, texts] of figures) {
    const { proof = '', besides } = PROMISES[name] ?? {}
    const tests = [proof, ...(besides ? [besides] : [])].map((path) => basename(path, '.test.ts')).join(' ')
    saveFigure(name, { figure: texts.join('; '), command: `npm run test:faults -- ${tests}` })
  }
})
