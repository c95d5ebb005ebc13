/** The desktop application: main and preload from here, the counter's page as the browser host has it. */
import { defineConfig } from 'electron-vite'
import { pageConfig } from './vite.config.ts'

const root = import.meta.dirname

const page = pageConfig('counter')

/** The page has a scheme with a root of its own: no need of electron-vite's relative paths, which deeper routes would break. */
const absolutePaths = { name: 'absolute-paths', enforce: 'post' as const, config: () => ({ base: '/' }) }

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
  renderer: { ...page, plugins: [...(page.plugins ?? []), absolutePaths] },
})
