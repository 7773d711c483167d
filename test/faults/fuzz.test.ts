/** Bad bytes for everything that reads some: the tests stand in the three files that are imported here, and count together. */

import { afterAll } from 'vitest'
import { printFigure } from '../support/figure.ts'
import { fuzzed } from '../support/fuzz.ts'
import './fuzz-disk.ts'
import './fuzz-parsers.ts'
import './fuzz-server.ts'

afterAll(() => {
  const { inputs, slowestMs, pictures } = fuzzed
  printFigure(
    'bad-bytes',
    `${inputs.toLocaleString('en')} inputs: no crash, slowest ${Math.round(slowestMs)} ms; ${pictures.toLocaleString('en')} pictures recorded beside them, none missing`,
  )
})
