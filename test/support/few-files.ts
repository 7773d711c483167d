/** Scripts in processes of their own that may have few files open. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** Runs an ES module that may have 256 files open. @returns What it printed, and its exit code. */
export async function withFewFiles(script: string): Promise<{ printed: string; code: number | null }> {
  const command = `ulimit -n 256 && exec "$0" --import tsx --input-type=module -e "$1"`
  const child = spawn('sh', ['-c', command, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (data) => {
    printed += data
  })
  const [code] = await once(child, 'close')
  return { printed, code }
}

/** Lines of such a script, after which it can open so many files and no more. */
export function openAllBut(left: number): string {
  return `import { closeSync, openSync } from 'node:fs'
    const files = []
    try {
      for (;;) files.push(openSync('/dev/null'))
    } catch {
      for (const file of files.splice(0, ${left})) closeSync(file)
    }`
}
