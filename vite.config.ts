/** The pages: the counter's (out/renderer), which Electron and the browser host both serve, and the member's (out/member). */
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

const root = import.meta.dirname

const pages = {
  counter: { root: `${root}/src/renderer/counter`, outDir: `${root}/out/renderer` },
  member: { root: `${root}/src/renderer/member`, outDir: `${root}/out/member` },
}

/** `vite build` makes the counter's page, `vite build --mode member` the member's. */
export function pageConfig(page: keyof typeof pages): UserConfig {
  const { root, outDir } = pages[page]
  return {
    root,
    base: '/',
    publicDir: false,
    envDir: false,
    cacheDir: `${import.meta.dirname}/node_modules/.vite/${page}`,
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      minify: 'oxc',
      modulePreload: { polyfill: false },
      // Inlined files would be data: URLs, which the pages' content security policy has no need to allow.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1024,
      rolldownOptions: { input: `${root}/index.html` },
    },
  }
}

export default defineConfig(({ mode }) => pageConfig(mode === 'member' ? 'member' : 'counter'))
