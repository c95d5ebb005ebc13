/** What SQLite's statements ask of TypeScript: how members are found by name is said in one place. */
import type Database from 'better-sqlite3'
import { grams } from '#core/name-search.ts'

export function defineFunctions(raw: Database.Database): void {
  raw.function('name_grams', { deterministic: true }, (name) => JSON.stringify(grams(String(name))))
}
