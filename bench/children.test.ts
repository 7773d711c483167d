import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

it('a benchmark whose program is not there ends itself alone', async () => {
  const script = `
    import { Child, cleanUpAtExit } from ${JSON.stringify(new URL('./children.ts', import.meta.url).href)}
    cleanUpAtExit()
    // A turn later, as in a benchmark: the failure is not told yet when we end.
    Promise.resolve()
      .then(() => new Child('there-is-no-such-program', [], {}).pid)
      .catch(() => process.exit(3))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  // In a process group of its own, which is what a wrong signal hits.
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  expect(await once(child, 'exit')).toEqual([3, null])
})
