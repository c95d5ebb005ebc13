/** What SQLite's statements ask of TypeScript: how members are found is said in one place. */
import type Database from 'better-sqlite3'
import { grams } from '#core/name-search.ts'
import { phoneTail } from './member.repository.ts'

export function defineFunctions(raw: Database.Database): void {
  const pure = { deterministic: true }
  raw.function('name_grams', pure, (name) => JSON.stringify(grams(String(name))))
  raw.function('phone_tail', pure, (phone) => phoneTail(String(phone)))
}
