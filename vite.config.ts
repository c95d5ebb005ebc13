/** The pages: the counter's (out/renderer), which Electron and the browser host both serve, and the member's (out/member). */
import tabler from '@iconify-json/tabler/icons.json' with { type: 'json' }
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const root = import.meta.dirname

const pages = {
  counter: { root: `${root}/src/renderer/counter`, outDir: `${root}/out/renderer` },
  member: { root: `${root}/src/renderer/member`, outDir: `${root}/out/member` },
}

const ICON = 'icon:'
const drawings = new Map(Object.entries(tabler.icons))

/** Makes a component of each icon a page names (`icon:printer`), as wide as its place says. */
const icons: Plugin = {
  name: 'icons',
  resolveId: (id) => (id.startsWith(ICON) ? `\0${id}` : null),
  load(id) {
    if (!id.startsWith(`\0${ICON}`)) return null
    const name = id.slice(ICON.length + 1)
    const drawing = drawings.get(name)
    if (!drawing) throw new Error(`there is no icon ${name}`)
    const lines = drawing.body.replace('stroke-width="2"', '')
    return `import { icon } from '#renderer/ui/icon.tsx'\nexport default icon(${JSON.stringify(lines)})`
  },
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
    plugins: [react(), icons],
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
