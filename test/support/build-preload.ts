/** The preload script as it ships, built for the run: one CommonJS file that requires `electron` and nothing else. */
import { join } from 'node:path'
import { build } from 'vite'
import { z } from 'zod'

const root = join(import.meta.dirname, '..', '..')

const Built = z.object({ output: z.tuple([z.object({ code: z.string() })]) })

export async function buildPreload(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      write: false,
      minify: false,
      rolldownOptions: {
        input: join(root, 'src', 'preload', 'index.ts'),
        external: ['electron'],
        output: { format: 'cjs' },
      },
    },
  })
  return Built.parse(built).output[0].code
}
