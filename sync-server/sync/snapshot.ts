/**
 * A new counter's start: everything it needs at one moment of the database, as lines of JSON. Read in pages by key and
 * written as they come, so that neither side ever holds it all.
 */
import { sql, type RawBuilder } from 'kysely'
import { type SnapshotHead } from '#core/contract/snapshot.ts'
import { RecallState, TerminalState, type SyncRow } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { somethingLeft } from '#storage/ledger.repository.ts'
import type { Dialect } from '#storage/open.ts'
import type { Trx } from '#server/ledger/database.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import { headOf } from './pull.ts'
import { productState, staffState, storeState } from './states.ts'

const PAGE = 1_000

/** Text, or its UTF-8 where the engine gives that. */
type Lines = string | Uint8Array

/** Lines of a snapshot in pieces of some hundred kilobytes. Call it inside a read of one moment. */
export async function* snapshotLines(trx: Trx, dialect: Dialect, holder: Holder, now: number): AsyncGenerator<Lines> {
  const cursor = await readCursor(trx)
  const shop = await shopRows(trx, holder, cursor.seq)
  const head: SnapshotHead = {
    cursor: { seq: cursor.seq, tag: cursor.tag },
    ack: { epoch: holder.epoch, ...(await headOf(trx, holder)) },
    rows: shop.length + (await countMembers(trx)) + (await countLots(trx)),
    serverTime: now,
  }
  yield [head, ...shop].map((row) => `${JSON.stringify(row)}\n`).join('')
  // A state of the cursor's moment: whatever changes later has a higher seq.
  const seq = Math.max(1, cursor.seq)
  yield* memberLines(trx, dialect, seq)
  yield* lotLines(trx, dialect, seq)
}

async function countMembers(trx: Trx): Promise<number> {
  const query = trx.selectFrom('member').select(({ fn }) => fn.countAll<number>().as('count'))
  return Number((await query.executeTakeFirstOrThrow()).count)
}

/** Counted in the table's own order: by way of the index on them, each would be looked up in the table again. */
async function countLots(trx: Trx): Promise<number> {
  const left = sql<number>`count(*) filter (where ${somethingLeft})`.as('count')
  return Number((await trx.selectFrom('lot').select(left).executeTakeFirstOrThrow()).count)
}

async function shopRows(trx: Trx, { terminal, epoch }: Holder, at: number): Promise<SyncRow[]> {
  const seq = Math.max(1, at)
  const programme = await trx.selectFrom('programme').select('document').orderBy('version', 'desc').executeTakeFirst()
  const stores = await trx.selectFrom('store').selectAll().execute()
  const terminals = await trx.selectFrom('terminal').select(['id', 'store', 'name']).execute()
  const staff = await trx.selectFrom('staff').selectAll().execute()
  const products = await trx.selectFrom('product').selectAll().execute()
  const asked = trx.selectFrom('recall').selectAll().where('terminal', '=', terminal).where('epoch', '=', epoch)
  const recalls = await asked.where('answered', '=', 0).execute()
  return [
    ...(programme ? [{ kind: 'programme' as const, seq, state: Programme.parse(JSON.parse(programme.document)) }] : []),
    ...stores.map((row) => ({ kind: 'store' as const, seq, state: storeState(row) })),
    ...terminals.map((row) => ({ kind: 'terminal' as const, seq, state: TerminalState.parse(row) })),
    ...staff.map((row) => ({ kind: 'staff' as const, seq, state: staffState(row) })),
    ...products.map((row) => ({ kind: 'product' as const, seq, state: productState(row) })),
    ...recalls.map((row) => ({ kind: 'recall' as const, seq, state: RecallState.parse(row) })),
  ]
}

type Page = { lines: Lines | null; last: string | null; found: number }

/**
 * The lines of a table, made by the database itself: a page of thousands comes as one text, and no row is ever an object
 * here. `line` is the line's SQL; ids, dates, codes and documents are trusted as they stand, free text is quoted.
 */
async function* pages(trx: Trx, read: (after: string) => RawBuilder<Page>): AsyncGenerator<Lines> {
  for (let after = ''; ;) {
    const page = (await read(after).execute(trx)).rows[0]
    if (!page?.last) return
    yield page.lines ?? ''
    if (Number(page.found) < PAGE) return
    after = page.last
  }
}

/** What differs between the engines. SQLite's text is handed on as the bytes it is. */
const WORDS = {
  sqlite: {
    joined: sql<Uint8Array>`cast(group_concat(line, '') as blob)`,
    quoted: (column: string) => sql`json_quote(${sql.ref(column)})`,
  },
  postgres: {
    joined: sql<string>`string_agg(line, '')`,
    quoted: (column: string) => sql`coalesce(to_json(${sql.ref(column)})::text, 'null')`,
  },
}

const inQuotes = (column: string) => sql`coalesce('"' || ${sql.ref(column)} || '"', 'null')`
const truth = (column: string) => sql`case when ${sql.ref(column)} = 1 then 'true' else 'false' end`

function memberLines(trx: Trx, dialect: Dialect, seq: number): AsyncGenerator<Lines> {
  const { joined, quoted } = WORDS[dialect]
  const line = sql`'{"kind":"member","seq":' || ${sql.lit(String(seq))} || ',"state":{"id":"' || id
    || '","card":"' || card || '","name":' || ${quoted('name')} || ',"phone":' || ${quoted('phone')}
    || ',"birthday":' || ${quoted('birthday')} || ',"email":' || ${quoted('email')}
    || ',"address":' || ${quoted('address')} || ',"tier":"' || tier || '","joinedOn":"' || joined_on
    || '","note":' || ${quoted('note')} || ',"blocked":' || ${truth('blocked')} || ',"onLine":' || ${truth('on_line')}
    || ',"spent":' || spent || ',"recent":' || case when recent = '' then '[]' else recent end
    || ',"root":' || ${inQuotes('root')} || '}}' || ${sql.lit('\n')}`
  return pages(
    trx,
    (after) => sql<Page>`
      select ${joined} as lines, max(id) as last, count(*) as found
      from (select id, ${line} as line from member where id > ${after} order by id limit ${sql.lit(PAGE)}) as page`,
  )
}

/** Lots with something left of them. */
function lotLines(trx: Trx, dialect: Dialect, seq: number): AsyncGenerator<Lines> {
  const { joined } = WORDS[dialect]
  const line = sql`'{"kind":"lot","seq":' || ${sql.lit(String(seq))} || ',"state":{"lot":{"id":"' || lot.id
    || '","member":"' || lot.member || '","asset":"' || lot.asset || '","quantity":' || lot.quantity
    || ',"issuedAt":' || lot.issued_at || ',"expiresOn":' || ${inQuotes('lot.expires_on')} || ',"terms":' || lot.terms
    || ',"code":' || ${inQuotes('lot.code')} || '},"free":' || lot.free || ',"held":' || lot.held
    || '}}' || ${sql.lit('\n')}`
  return pages(
    trx,
    (after) => sql<Page>`
      select ${joined} as lines, max(id) as last, count(*) as found
      from (
        select lot.id as id, ${line} as line from lot where id > ${after} and ${somethingLeft} order by id limit ${sql.lit(PAGE)}
      ) as page`,
  )
}
