/**
 * `npm run bench:live`: how late pictures reach who watches. See bench/README.md.
 *
 *   npm run bench:live -- [server …] [--rounds N] [--quick] [--temp FOLDER] [--node-flags "…"]
 */

import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { cleanUpAtExit } from './children.ts'
import { liveServer } from './live-server.ts'
import { machine } from './machine.ts'
import { type Context, type PartResult, save, table } from './report.ts'

/** Together they make bench/results/live.json. */
const PARTS: Record<string, (context: Context) => Promise<PartResult>> = { server: liveServer }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    temp: { type: 'string', default: tmpdir() },
    'node-flags': { type: 'string', default: '' },
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(PARTS)
const unknown = names.filter((name) => !(name in PARTS))
if (unknown.length > 0 || process.platform !== 'linux' || !/^([1-9]\d*)?$/.test(values.rounds ?? '')) {
  console.error(`bench:live: parts are ${Object.keys(PARTS).join(', ')}; --rounds is above 0; it needs Linux`)
  process.exit(2)
}

cleanUpAtExit()
const { cpu, cpus, memoryGiB, node, linux } = machine()
console.log(`${cpus} × ${cpu}, ${memoryGiB} GiB, Linux ${linux}, Node ${node}\n`)
const context: Context = {
  rounds: values.rounds ? Number(values.rounds) : undefined,
  quick: values.quick,
  temp: values.temp,
  nodeFlags: values['node-flags'].split(' ').filter(Boolean),
  say: (line) => console.log(`live  ${line}`),
}
const result: PartResult = { figures: [], rounds: [], notes: [] }
for (const name of names) {
  const part = await PARTS[name]!(context)
  result.figures.push(...part.figures)
  result.rounds.push(...part.rounds)
  result.notes.push(...part.notes)
}
for (const note of result.notes) context.say(`note: ${note}`)
// A part alone would take the place of all.
if (names.length === Object.keys(PARTS).length) save('live', result, context)
console.log(`\n${table([{ part: 'live', figures: result.figures }])}`)
if (values.quick) console.log('\n--quick: these figures show that it works; do not quote them.')
