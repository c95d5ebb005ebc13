/** The desktop application: main and preload from here, the counter's page as the browser host has it. */
import { defineConfig } from 'electron-vite'
import { pageConfig } from './vite.config.ts'

const root = import.meta.dirname

export default defineConfig({
  main: {
    build: {
      outDir: `${root}/out/main`,
      target: 'node24',
      rolldownOptions: { input: `${root}/src/main/index.ts` },
    },
  },
  preload: {
    build: {
      outDir: `${root}/out/preload`,
      // A sandboxed preload has no node_modules and no ES modules: one CommonJS file.
      externalizeDeps: false,
      rolldownOptions: {
        input: `${root}/src/preload/index.ts`,
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: pageConfig('counter'),
})
