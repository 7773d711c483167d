import { defineConfig } from 'vitest/config'

/** Those that bring faults along have the machine for themselves. */
const ALONE = ['test/faults/**/*.test.ts', 'test/large.test.ts']

/** Those that put others in the place of modules, or change what a module keeps: the language of the pages. */
const APART = ['src/web/**/*.test.ts', 'src/live/hub.test.ts']

/** Files side by side: most of them wait for the clock, for files or for a browser. */
const SIDE_BY_SIDE = { maxWorkers: 3, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['src/**'] },
    setupFiles: ['test/support/equal-bytes.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...ALONE, ...APART],
          // A process runs many files: it loads the server that they import once.
          isolate: false,
          ...SIDE_BY_SIDE,
        },
      },
      { extends: true, test: { name: 'apart', include: APART, ...SIDE_BY_SIDE } },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
