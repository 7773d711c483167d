import { defineConfig } from 'vitest/config'

/** Those that load the whole machine, or say by the clock how much a server may lose. */
const ALONE = ['disk-full', 'disk-slow', 'peers-many', 'power-cut', 'sigkill'].map(
  (name) => `test/faults/${name}.test.ts`,
)

/**
 * Those that need a process each: they mock modules, change what a module keeps (the language of the pages), or measure the
 * memory of their process.
 */
const APART = ['src/web/**/*.test.ts', 'src/live/hub.test.ts', 'test/faults/fuzz.test.ts']

/** What is measured is measured alone. */
const SIDE_BY_SIDE = { maxWorkers: process.env.FAULTS === 'long' ? 1 : 2, sequence: { groupOrder: 1 } }

/** A process runs many files: it loads the server that they import once. */
const TOGETHER = { isolate: false, ...SIDE_BY_SIDE }

// Of one group the projects begin in the order of the alphabet: the short units fill the time until the last is done.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['src/**'] },
    setupFiles: ['test/support/equal-bytes.ts'],
    projects: [
      { extends: true, test: { name: 'apart', include: APART, ...SIDE_BY_SIDE } },
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...ALONE, ...APART],
          ...TOGETHER,
        },
      },
      { extends: true, test: { name: 'units', include: ['src/**/*.test.ts'], exclude: APART, ...TOGETHER } },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
