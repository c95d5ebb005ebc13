/**
 * core ← storage ← main | sync-server ← (contract) ← preload, renderer. The compiler and the linter hold this; here they
 * are shown what they must refuse, so that a change to their settings cannot let it through unseen.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { importsOf, root, sources } from './sources.ts'

/** A project of the house's settings and the given files alone. */
function project(files: Record<string, string>): string {
  const dir = tempDir()
  const settings = sources(
    'package.json',
    'oxlint.config.ts',
    'tsconfig*.json',
    '{src/*,sync-server,bench,test}/tsconfig.json',
  )
  for (const { path } of settings) cpSync(join(root, path), join(dir, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}

function run(tool: string, parameters: string[], cwd: string): { status: number | null; said: string } {
  const bin = join(root, 'node_modules', '.bin', tool)
  const { status, stdout, stderr } = spawnSync(bin, parameters, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return { status, said: stdout + stderr }
}

const shared = {
  'src/core/a.ts': 'export type A = 1\nexport const a: A = 1\n',
  'src/storage/a.ts': "export { a, type A } from '#core/a.ts'\n",
  'src/main/a.ts': "export { a, type A } from '#storage/a.ts'\n",
  'sync-server/a.ts': "export { a, type A } from '#storage/a.ts'\n",
  'src/preload/a.ts': "export { a, type A } from '#core/a.ts'\n",
  'src/renderer/a.ts': "export { a, type A } from '#core/a.ts'\n",
}

const forbidden: [string, string][] = [
  ['src/core', '#storage'],
  ['src/core', '#main'],
  ['src/storage', '#main'],
  ['src/storage', '#server'],
  ['src/main', '#server'],
  ['src/main', '#renderer'],
  ['src/preload', '#main'],
  ['src/renderer', '#storage'],
  ['src/renderer', '#main'],
  ['sync-server', '#main'],
  ['sync-server', '#renderer'],
]

/** Each by a file of its own: the compiler names a file that a project may not see once. */
const violations = [
  (to: string) => `import type { A } from '${to}/a.ts'\n\nexport type X = A\n`,
  (to: string) => `export type X = import('${to}/b.ts').B\n`,
  (to: string) => `export { c as x } from '${to}/c.ts'\n`,
]
const seen = Object.fromEntries(
  [...new Set(forbidden.map(([, to]) => to))].flatMap((to) => {
    const folder = to === '#server' ? 'sync-server' : to.replace('#', 'src/')
    return [
      [`${folder}/b.ts`, 'export type B = 1\n'],
      [`${folder}/c.ts`, 'export const c = 1\n'],
    ]
  }),
)

describe('the direction of imports', () => {
  it('lets through what follows it', () => {
    const dir = project(shared)
    expect(run('tsc', ['-b'], dir)).toEqual({ status: 0, said: '' })
    expect(run('oxlint', ['--quiet'], dir)).toMatchObject({ status: 0 })
  })

  it('is a compile error and a lint error where it is broken, by whatever kind of import', () => {
    const planted = Object.fromEntries(
      forbidden.flatMap(([from, to], place) =>
        violations.map((violation, kind) => [`${from}/planted${place}of${kind}.ts`, violation(to)]),
      ),
    )
    const dir = project({ ...shared, ...seen, ...planted })
    const compiled = run('tsc', ['-b'], dir).said
    const linted = run('oxlint', ['--quiet', '-f', 'unix'], dir).said.split('\n')
    // Beside the compiler's errors, which the linter repeats, there are its own.
    const isLinted = (path: string) => linted.some((line) => line.startsWith(`${path}:1:`) && !line.includes('(TS'))
    expect(Object.keys(planted).filter((path) => !compiled.includes(`${path}(1,`))).toEqual([])
    expect(Object.keys(planted).filter((path) => !isLinted(path))).toEqual([])
  })

  it('leaves core without Node and without a page', () => {
    const uses = ['Buffer', 'process', 'console', 'setTimeout', 'TextEncoder', 'URL', 'crypto', 'window', 'document']
    const planted = uses.map((name) => [`src/core/${name.toLowerCase()}.ts`, `export const used: unknown = ${name}\n`])
    const dir = project({ ...shared, ...Object.fromEntries(planted), 'src/core/node.ts': "import 'node:fs'\n" })
    const { said } = run('tsc', ['-b', 'src/core'], dir)
    expect(planted.map(([path]) => String(path)).filter((path) => !said.includes(`${path}(1,`))).toEqual([])
    expect(said).toContain('src/core/node.ts(1,')
  })
})

describe('packages', () => {
  const allowed: [string, RegExp][] = [
    ['src/core', /^(zod|@noble\/hashes\/.+|@orpc\/contract)$/],
    ['src/renderer/member', /^(react|react\/.+|react-dom\/client|zod|@orpc\/(client|contract)(\/.+)?|@line\/liff)$/],
    ['src/preload', /^electron$/],
  ]

  it.each(allowed)('of %s are few', (folder, expected) => {
    const files = sources(`${folder}/**/*.{ts,tsx}`).filter(({ path }) => !path.includes('.test.'))
    expect(files.length).toBeGreaterThan(0)
    const others = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => !/^[.#]/.test(name) && !expected.test(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(others).toEqual([])
  })
})
