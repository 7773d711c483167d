/**
 * `npm run bench`: measures Rollcall on this machine. See bench/README.md.
 *
 *   npm run bench -- [ingest|close|loop|many|memory|list …] [--rounds N] [--quick] [--temp FOLDER] [--node-flags "…"]
 */

import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { cleanUpAtExit } from './children.ts'
import { close } from './close.ts'
import { ingest } from './ingest.ts'
import { list } from './list.ts'
import { loop } from './loop.ts'
import { machine } from './machine.ts'
import { many } from './many.ts'
import { memory } from './memory.ts'
import { type Context, type PartResult, save, table } from './report.ts'

const PARTS: Record<string, (context: Context) => Promise<PartResult>> = {
  ingest,
  close,
  loop,
  many,
  memory,
  list,
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
if (unknown.length > 0)
  end(`no part is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
if (values.rounds !== undefined && !/^[1-9]\d*$/.test(values.rounds))
  end(`--rounds is a whole number above 0; got ${values.rounds}`)
if (process.platform !== 'linux') end('the benchmark reads /proc: it runs on Linux')

cleanUpAtExit()
const { cpu, cpus, memoryGiB, node, linux } = machine()
console.log(`${cpus} × ${cpu}, ${memoryGiB} GiB, Linux ${linux}, Node ${node}\n`)
const results: { part: string; figures: PartResult['figures'] }[] = []
for (const name of names) {
  const context: Context = {
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    quick: values.quick,
    temp: values.temp,
    nodeFlags: values['node-flags'].split(' ').filter(Boolean),
    say: (line) => console.log(`${name}  ${line}`),
  }
  try {
    const result = await PARTS[name]!(context)
    for (const note of result.notes) context.say(`note: ${note}`)
    save(name, result, context)
    results.push({ part: name, figures: result.figures })
  } catch (error) {
    // The other parts can still be measured.
    console.error(`${name}  failed:`, error)
    process.exitCode = 1
  }
}
console.log(`\n${table(results)}`)
if (values.quick) console.log('\n--quick: these figures show that it works; do not quote them.')

function end(message: string): never {
  console.error(`bench: ${message}`)
  process.exit(2)
}
