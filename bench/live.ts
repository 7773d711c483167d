/**
 * `npm run bench:live`: how late pictures reach who watches. See bench/README.md.
 *
 *   npm run bench:live -- [server …] [--rounds N] [--quick] [--temp FOLDER] [--node-flags "…"]
 */

import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { cleanUpAtExit } from './children.ts'
import { liveBrowser } from './live-browser.ts'
import { liveServer } from './live-server.ts'
import { machine } from './machine.ts'
import { type Context, type PartResult, save, table } from './report.ts'

/** Each makes a file of its own, bench/results/live-<part>.json. */
const PARTS: Record<string, (context: Context) => Promise<PartResult>> = {
  server: liveServer,
  browser: liveBrowser,
}

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
const results: { part: string; figures: PartResult['figures'] }[] = []
for (const name of names) {
  const result = await PARTS[name]!(context)
  for (const note of result.notes) context.say(`note: ${note}`)
  save(`live-${name}`, result, context)
  results.push({ part: name, figures: result.figures })
}
console.log(`\n${table(results)}`)
if (values.quick) console.log('\n--quick: these figures show that it works; do not quote them.')
