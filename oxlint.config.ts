/** What the linter holds: types, the direction of imports (each folder's list), no cycles, and promises that are looked after. */
import { defineConfig } from 'oxlint'

type Ban = { regex: string; message: string }

const ban = (regex: string, message: string): Ban => ({ regex, message })

const folder = (...names: string[]): Ban =>
  ban(`^#(${names.join('|')})/`, 'This folder may not see that one: see the direction of imports in CONTRIBUTING.md.')

const parents = ban(
  '^\\.\\.?/.*\\.\\./|^\\.\\./',
  'Relative imports stay inside their folder; use a subpath such as #core/….',
)
const node = ban('^(node:|electron$|electron-updater$|pg$|better-sqlite3$|fastify$)', 'No Node here.')
const react = ban('^(react|react-dom|@mantine/|@tanstack/|i18next$|react-i18next$)', 'No user interface here.')
const electron = ban('^electron(-updater)?$', 'Only the entry and its electron/ folder know Electron.')
const heavy = ban('^(@mantine/|@tanstack/|i18next$|react-i18next$|icon:)', "A member's page uses React alone.")

const imports = (...patterns: Ban[]) => ({
  'no-restricted-imports': ['error', { patterns: [parents, ...patterns] }] as ['error', { patterns: Ban[] }],
})

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'react', 'promise', 'vitest'],
  options: { typeAware: true, typeCheck: true },
  categories: { correctness: 'error' },
  env: { builtin: true },
  // The peers' packages are fetched when their bench is run.
  ignorePatterns: ['out/**', '**/node_modules/**', 'bench/peers/**'],
  rules: {
    eqeqeq: 'error',
    'no-console': 'off',
    'no-debugger': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-self-import': 'error',
    'promise/no-multiple-resolved': 'error',
    'typescript/await-thenable': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    // A string is spread here to get at its code points, and branded numbers are numbers.
    'typescript/no-misused-spread': 'off',
    'typescript/no-unsafe-unary-minus': 'off',
    'typescript/no-non-null-assertion': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/unbound-method': 'off',
    'vitest/no-disabled-tests': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/expect-expect': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/valid-title': 'off',
    ...imports(),
  },
  overrides: [
    {
      files: ['src/core/**'],
      rules: imports(folder('storage', 'main', 'preload', 'renderer', 'server', 'test', 'resources'), node, react),
    },
    {
      files: ['src/storage/**'],
      rules: imports(folder('main', 'preload', 'renderer', 'server', 'test'), react, electron),
    },
    { files: ['src/main/**'], rules: imports(folder('preload', 'renderer', 'server', 'test'), react, electron) },
    {
      files: ['src/main/counter/**'],
      rules: imports(folder('preload', 'renderer', 'server', 'test', 'main/sync'), react, electron),
    },
    {
      files: ['src/main/index.ts', 'src/main/electron/**'],
      rules: imports(folder('preload', 'renderer', 'server', 'test'), react),
    },
    { files: ['src/preload/**'], rules: imports(folder('storage', 'main', 'renderer', 'server', 'test'), react) },
    { files: ['src/renderer/**'], rules: imports(folder('storage', 'main', 'preload', 'server', 'test'), node) },
    {
      files: ['src/renderer/member/**'],
      rules: imports(folder('storage', 'main', 'preload', 'server', 'test'), node, heavy),
    },
    { files: ['sync-server/**'], rules: imports(folder('main', 'preload', 'renderer', 'test'), react, electron) },
    {
      files: ['**/*.test.ts', '**/*.test.tsx', 'test/**', 'bench/**'],
      rules: { ...imports(), 'typescript/no-non-null-assertion': 'off' },
    },
    { files: ['*.config.ts', 'test/support/electron-updater.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
})
