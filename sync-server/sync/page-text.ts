/** Members and lots as text that the database makes by itself, so that by the thousand none is ever an object here. */
import { sql, type RawBuilder } from 'kysely'
import { DOCUMENTS, PAGE_COLUMNS, type PageKind } from '#core/contract/snapshot.ts'
import type { Dialect } from '#storage/open.ts'

type Sql = RawBuilder<unknown>

/** A row as the JSON of its values, and of `more` columns after them. */
export function rowText(dialect: Dialect, kind: PageKind, more: readonly string[] = []): Sql {
  const columns = [...PAGE_COLUMNS[kind], ...more]
  return WORDS[dialect].array(sql.join(columns.map((column) => valueOf(dialect, column))))
}

/** All rows' texts as one array's. */
export const listText = (dialect: Dialect, row: Sql): Sql => sql`'[' || ${WORDS[dialect].joined(row)} || ']'`

const TRUTHS: ReadonlySet<string> = new Set(['blocked', 'on_line'])

function valueOf(dialect: Dialect, column: string): Sql {
  const { document, truth } = WORDS[dialect]
  // Who has never come has no visits, not even a list of none.
  if (column === 'recent') return document(sql`case when recent = '' then '[]' else recent end`)
  if (DOCUMENTS.has(column)) return document(sql.ref(column))
  return TRUTHS.has(column) ? truth(sql.ref(column)) : sql.ref(column)
}

/** What differs between the engines. */
const WORDS = {
  sqlite: {
    array: (values: Sql) => sql`json_array(${values})`,
    document: (text: Sql) => sql`json(${text})`,
    truth: (one: Sql) => sql`json(iif(${one} = 1, 'true', 'false'))`,
    joined: (row: Sql) => sql`group_concat(${row}, ',')`,
  },
  postgres: {
    array: (values: Sql) => sql`json_build_array(${values})::text`,
    document: (text: Sql) => sql`(${text})::json`,
    truth: (one: Sql) => sql`${one} = 1`,
    joined: (row: Sql) => sql`string_agg(${row}, ',')`,
  },
}
