/** The promises, and the figures that their tests printed last: docs/reliability.md has them in a table. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FIGURES = new URL('../bench/results/reliability.json', import.meta.url)
const DOCUMENT = new URL('../docs/reliability.md', import.meta.url)
const BEGIN = '<!-- figures made by: npm run test:faults, npm run soak -->\n'
const END = '<!-- end of the figures -->'

/** What a test printed last. */
interface Figure {
  figure: string
  /** Runs the test again. */
  command: string
  /** `2026-11-25`. */
  date: string
}

interface Promised {
  title: string
  /** What proves it, from the project's root. */
  proof: string
  /** Prints figures of the same promise. */
  besides?: string
}

/** Names are those that the tests print: `[figure] NAME: …`. The order is that of docs/reliability.md. */
export const PROMISES: Record<string, Promised> = {
  sigkill: { title: 'Killed at any moment', proof: 'test/faults/sigkill.test.ts' },
  'power-cut': { title: 'Power cut', proof: 'test/faults/power-cut.test.ts' },
  'disk-full': { title: 'Disk full', proof: 'test/faults/disk-full.test.ts' },
  'disk-failed': {
    title: 'Disk error, folder removed, permission lost',
    proof: 'test/faults/disk-failed.test.ts',
  },
  'slow-disk': { title: 'Slow disk', proof: 'test/faults/disk-slow.test.ts' },
  silence: { title: 'Phone out of Wi-Fi', proof: 'test/faults/peers-silent.test.ts' },
  'hostile-peers': { title: 'Slow or hostile peers', proof: 'test/faults/peers-many.test.ts' },
  'bad-bytes': { title: 'Bad bytes', proof: 'test/faults/fuzz.test.ts' },
  clock: { title: 'Clock changes', proof: 'test/faults/clock.test.ts' },
  lock: { title: 'Two servers on one data folder', proof: 'test/faults/lock.test.ts' },
  soak: { title: 'For hours', proof: 'scripts/soak/run.ts' },
  resume: {
    title: 'Phones that keep their pictures',
    proof: 'test/faults/resume.test.ts',
    besides: 'test/faults/camera-cuts.test.ts',
  },
  boards: {
    title: 'Boards',
    proof: 'test/faults/boards-load.test.ts',
    besides: 'test/faults/boards-killed.test.ts',
  },
}

/** Keeps a figure, and writes the table anew. */
export function saveFigure(name: string, { figure, command }: Omit<Figure, 'date'>): void {
  const figures = readFigures()
  figures[name] = { figure, command, date: new Date().toISOString().slice(0, 10) }
  writeFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`)
  writeTable()
}

/** The table as Markdown. Ends with a newline. */
export function figuresMarkdown(): string {
  const figures = readFigures()
  const lines = Object.entries(PROMISES).map(([name, { title, proof, besides }], i) => {
    const proofs = [proof, ...(besides ? [besides] : [])].map((path) => `[${path}](../${path})`).join(', ')
    const { figure, command, date } = figures[name] ?? { figure: '', command: '', date: '' }
    return `| ${i + 1}. ${title} | ${figure.replaceAll('|', '\\|')} | ${command && `\`${command}\``} | ${date} | ${proofs} |`
  })
  return `| promise | printed last | by | on | the test |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
}

/** Renews the table in docs/reliability.md; all else in it is written by hand. */
export function writeTable(): void {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`docs/reliability.md must have the lines ${BEGIN}${END}`)
  writeFileSync(DOCUMENT, `${text.slice(0, from)}${BEGIN}\n${figuresMarkdown()}\n${text.slice(to)}`)
}

function readFigures(): Record<string, Figure> {
  return existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, 'utf8')) : {}
}
