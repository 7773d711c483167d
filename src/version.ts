/** The version of Rollcall, as package.json has it. */

import { readFileSync } from 'node:fs'

/** The same from src and from dist. */
const PACKAGE = new URL('../package.json', import.meta.url)

export const VERSION: string = JSON.parse(readFileSync(PACKAGE, 'utf8')).version
