/** What no reviewer should have to look for. */
import { describe, expect, it } from 'vitest'
import { linesWith, sources } from './sources.ts'

const code = sources('{src,sync-server,bench,test}/**/*.{ts,tsx}', '*.ts')
const product = code.filter(({ path }) => /^(src|sync-server)\//.test(path))
const tests = code.filter(({ path }) => /\.test\.tsx?$/.test(path))
const words = [
  ...code,
  ...sources('{src,sync-server,resources}/**/*.{css,html,json}', '*.{json,yml,md}', 'docs/**/*.md'),
].filter(({ path }) => path !== 'package-lock.json')

/** Written apart so that this file does not find itself. */
const word = (...parts: string[]) => parts.join('')

describe('the house style', () => {
  it('finds the sources', () => {
    expect(product.length).toBeGreaterThan(50)
    expect(tests.length).toBeGreaterThan(10)
  })

  it('keeps files to one idea: 300 lines at most, 400 of tests', () => {
    const lines = (text: string) => text.split('\n').length - 1
    const most = (path: string) => (path.includes('.test.') ? 400 : 300)
    const long = product.filter(({ path, text }) => lines(text) > most(path))
    expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([])
  })

  it('names no rule that is not written down', () => {
    const [rules] = sources('docs/rules.md')
    const written = new Set(rules?.text.match(/\bR\d+\b/g))
    const named = code.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<=[\s(])R\d{1,2}\b(?![\w-])/g)]
        .filter(([rule]) => !written.has(rule))
        .map(([rule]) => `${path}: ${rule}`),
    )
    expect(named).toEqual([])
  })

  it('leaves nothing for later', () => {
    const later = new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('HA', 'CK')}|${word('XX', 'X')})\\b`)
    expect(linesWith(later, code)).toEqual([])
  })

  it('silences neither the compiler nor the linter', () => {
    const silencer = new RegExp(`@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint)-${word('dis', 'able')}`)
    expect(linesWith(silencer, code)).toEqual([])
  })

  it('casts away no types', () => {
    const cast = new RegExp(`\\bas (?:${word('an', 'y')}|unknown as)\\b`)
    expect(linesWith(cast, product)).toEqual([])
  })

  it('runs every test', () => {
    const left = new RegExp(
      `\\b(?:it|test|describe)\\.(?:${word('on', 'ly')}|${word('sk', 'ip')}|${word('to', 'do')})\\b`,
    )
    expect(linesWith(left, tests)).toEqual([])
  })

  it('names no machine', () => {
    const folder = new RegExp(
      `(?:^|[\\s'"\`(=])(?:/(?:${word('ho', 'me')}|${word('ro', 'ot')}|${word('wo', 'rk')}|${word('Us', 'ers')})/|C:\\\\Users)`,
    )
    expect(linesWith(folder, words)).toEqual([])
  })
})
