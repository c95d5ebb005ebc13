import '#storage/require-node.ts'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The tests' processes, and those they start, compile once what they all run.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url))

const support = (file: string) => fileURLToPath(new URL(`test/support/${file}`, import.meta.url))

/** Importing the real module in Node downloads a binary; tests get a stand-in. */
const alias = [
  { find: /^electron$/, replacement: support('electron.ts') },
  { find: /^electron-updater$/, replacement: support('electron-updater.ts') },
]

export default defineConfig({
  test: {
    silent: 'passed-only',
    // A worker's files share its modules, so that all but the first find them loaded and compiled: what is global to a module
    // must not be changed by a test.
    isolate: false,
    globalSetup: 'test/support/global-setup.ts',
    // Much of a test is waiting for a disk, a browser or a server: with no more workers than cores, some core is idle.
    maxWorkers: availableParallelism() + 1,
    // They run in the order of their names: the longest first, so that no core is idle at the end.
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['{src,sync-server}/**/*.test.{ts,tsx}', 'test/{house,support}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: ['{test/integration,test/simulation,bench}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
