/**
 * A new counter's start: everything it needs at one moment of the database, as lines of JSON. Read in pages by key and
 * written as they come, so that neither side ever holds it all.
 */
import { sql, type RawBuilder } from 'kysely'
import type { PageKind, SnapshotHead } from '#core/contract/snapshot.ts'
import { RecallState, TerminalState, type SyncRow } from '#core/contract/sync-rows.ts'
import type { Holder } from '#core/ledger/account.ts'
import { somethingLeft } from '#storage/ledger.repository.ts'
import type { Dialect } from '#storage/open.ts'
import type { Trx } from '#server/ledger/database.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import { ackOf } from '#server/intake/chain.ts'
import { allOwed } from './owed.ts'
import { listText, rowText } from './page-text.ts'
import { latestProgramme, outcomeState, productState, staffState, storeState } from './states.ts'

const PAGE = 1_000

/** Text, or its UTF-8 where the engine gives that. */
type Lines = string | Uint8Array

/** Lines of a snapshot in pieces of some hundred kilobytes. Call it inside a read of one moment. */
export async function* snapshotLines(trx: Trx, dialect: Dialect, holder: Holder, now: number): AsyncGenerator<Lines> {
  const { seq, tag } = await readCursor(trx)
  // A state of the cursor's moment: whatever changes later has a higher seq.
  const at = Math.max(1, seq)
  const head: SnapshotHead = {
    cursor: { seq, tag },
    ack: await ackOf(trx, holder),
    serverTime: now,
    seq: at,
    rows: await shopRows(trx, holder, at),
    owed: await allOwed(trx),
  }
  yield `${JSON.stringify(head)}\n`
  const members = yield* pages(trx, dialect, 'member')
  const lots = yield* pages(trx, dialect, 'lot')
  yield `${JSON.stringify({ kind: 'end', rows: members + lots })}\n`
}

async function shopRows(trx: Trx, { terminal, epoch }: Holder, seq: number): Promise<SyncRow[]> {
  const programme = await latestProgramme(trx)
  const stores = await trx.selectFrom('store').selectAll().execute()
  const terminals = await trx.selectFrom('terminal').select(['id', 'store', 'name']).execute()
  const staff = await trx.selectFrom('staff').selectAll().execute()
  const products = await trx.selectFrom('product').selectAll().execute()
  const asked = trx.selectFrom('recall').selectAll().where('terminal', '=', terminal).where('epoch', '=', epoch)
  const recalls = await asked.where('answered', '=', 0).execute()
  const open = trx.selectFrom('outcome').selectAll().where('terminal', '=', terminal)
  const outcomes = await open.where('status', 'in', ['waiting', 'quarantined']).execute()
  return [
    ...(programme ? [{ kind: 'programme' as const, seq, state: programme }] : []),
    ...stores.map((row) => ({ kind: 'store' as const, seq, state: storeState(row) })),
    ...terminals.map((row) => ({ kind: 'terminal' as const, seq, state: TerminalState.parse(row) })),
    ...staff.map((row) => ({ kind: 'staff' as const, seq, state: staffState(row) })),
    ...products.map((row) => ({ kind: 'product' as const, seq, state: productState(row) })),
    ...recalls.map((row) => ({ kind: 'recall' as const, seq, state: RecallState.parse(row) })),
    ...outcomes.map((row) => ({ kind: 'outcome' as const, seq, state: outcomeState(row) })),
  ]
}

type Page = { lines: Lines | null; last: string | null; found: number }

/**
 * The pages of a table, each made by the database itself: a thousand rows come as one text, and none is ever an object
 * here. Answers how many rows they had.
 */
async function* pages(trx: Trx, dialect: Dialect, kind: PageKind): AsyncGenerator<Lines, number> {
  let rows = 0
  const query = pageAfter(dialect, kind, '').compile(trx)
  for (let after = ''; ;) {
    const page = (await trx.executeQuery<Page>({ ...query, parameters: [after] })).rows[0]
    if (!page?.last || !page.lines) return rows
    yield page.lines
    rows += Number(page.found)
    after = page.last
  }
}

function pageAfter(dialect: Dialect, kind: PageKind, after: string): RawBuilder<Page> {
  const mark = `{"kind":"${kind}","rows":`
  const lines = sql`${sql.lit(mark)} || count(*) || ${sql.lit('}\n')} || ${listText(dialect, sql`line`)} || ${sql.lit('\n')}`
  return sql<Page>`
    select ${asBytes(dialect, lines)} as lines, max(id) as last, count(*) as found
    from (
      select id, ${rowText(dialect, kind)} as line from ${sql.table(kind)} where id > ${after} and ${WANTED[kind]}
      order by id limit ${sql.lit(PAGE)}
    ) as page`
}

/** SQLite's text is handed on as the bytes it is. */
const asBytes = (dialect: Dialect, text: RawBuilder<unknown>) =>
  dialect === 'sqlite' ? sql`cast(${text} as blob)` : text

/** Of lots, those with something left of them. */
const WANTED = { member: sql`true`, lot: somethingLeft }
