/** Pages and the preload script as they ship, built for the run. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'
import { z } from 'zod'
import { makeTempDir, removeDir } from './temp.ts'

const root = join(import.meta.dirname, '..', '..')

/** Builds into a temporary folder, in a process of its own: under the tests' NODE_ENV React would be another. */
export async function buildPage(page: 'counter' | 'member'): Promise<{ value: string; stop(): void }> {
  const value = makeTempDir()
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const mode = page === 'member' ? ['--mode', 'member'] : []
  await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', value, '--logLevel', 'warn', ...mode], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', VITEST: undefined },
  })
  return { value, stop: () => removeDir(value) }
}

const Built = z.object({ output: z.tuple([z.object({ code: z.string() })]) })

/** The preload script: one CommonJS file that requires `electron` and nothing else. */
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
