/** The project's own sources, as the house tests read them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export type Source = {
  /** From the root, with forward slashes. */
  path: string
  text: string
}

/** Every file whose path matches one of the patterns, installed and built files aside. */
export function sources(...patterns: string[]): Source[] {
  const found = globSync(patterns, { cwd: root, exclude: ['**/node_modules', 'out', '.git', 'data'] })
  return found.map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }))
}

/** The lines of the sources that match, as `path:line: text`, so that a failing test says where to look. */
export function linesWith(pattern: RegExp, among: Source[]): string[] {
  return among.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )
}

/** What a module names in its imports and exports, types and dynamic ones included. */
export function importsOf(text: string): string[] {
  const statement = /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"\n]+)['"]/g
  const call = /\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g
  return [statement, call].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))
}
