/**
 * A new counter's start: everything it needs at one moment of the database, as lines of JSON. Read in pages by key and
 * written as they come, so that neither side ever holds it all.
 */
import { TerminalState, type SnapshotHead, type SyncRow } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { Programme } from '#core/loyalty/programme.ts'
import type { Trx } from '#server/ledger/database.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import { headOf } from './pull.ts'
import { productState, staffState, storeState } from './states.ts'

const PAGE = 4_000

/** Lines of a snapshot in pieces of some hundred kilobytes. Call it inside a read of one moment. */
export async function* snapshotLines(trx: Trx, holder: Holder, now: number): AsyncGenerator<string> {
  const cursor = await readCursor(trx)
  const shop = await shopRows(trx, cursor.seq)
  const head: SnapshotHead = {
    cursor: { seq: cursor.seq, tag: cursor.tag },
    ack: { epoch: holder.epoch, seq: await headOf(trx, holder) },
    rows: shop.length + (await count(trx, 'member')) + (await count(trx, 'lot_state')),
    serverTime: now,
  }
  yield oneLineEach([head, ...shop].map((row) => `${JSON.stringify(row)}\n`).join(''))
  // A state of the cursor's moment: whatever changes later has a higher seq.
  const seq = Math.max(1, cursor.seq)
  yield* memberLines(trx, seq)
  yield* lotLines(trx, seq)
}

async function count(trx: Trx, table: 'member' | 'lot_state'): Promise<number> {
  const row = await trx
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

async function shopRows(trx: Trx, at: number): Promise<SyncRow[]> {
  const seq = Math.max(1, at)
  const programme = await trx.selectFrom('programme').select('document').orderBy('version', 'desc').executeTakeFirst()
  const stores = await trx.selectFrom('store').selectAll().execute()
  const terminals = await trx.selectFrom('terminal').select(['id', 'store', 'name']).execute()
  const staff = await trx.selectFrom('staff').selectAll().execute()
  const products = await trx.selectFrom('product').selectAll().execute()
  return [
    ...(programme ? [{ kind: 'programme' as const, seq, state: Programme.parse(JSON.parse(programme.document)) }] : []),
    ...stores.map((row) => ({ kind: 'store' as const, seq, state: storeState(row) })),
    ...terminals.map((row) => ({ kind: 'terminal' as const, seq, state: TerminalState.parse(row) })),
    ...staff.map((row) => ({ kind: 'staff' as const, seq, state: staffState(row) })),
    ...products.map((row) => ({ kind: 'product' as const, seq, state: productState(row) })),
  ]
}

/** The members' lines, built by hand from trusted columns: a hundred thousand of them are asked for at once. */
async function* memberLines(trx: Trx, seq: number): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const rows = await trx.selectFrom('member').selectAll().where('id', '>', after).orderBy('id').limit(PAGE).execute()
    let lines = ''
    for (const row of rows) {
      lines += `{"kind":"member","seq":${seq},"state":{"id":"${row.id}","card":"${row.card}","name":${JSON.stringify(row.name)},"phone":${JSON.stringify(row.phone)},"birthday":${JSON.stringify(row.birthday)},"email":${JSON.stringify(row.email)},"address":${JSON.stringify(row.address)},"tier":"${row.tier}","joinedOn":"${row.joined_on}","note":${JSON.stringify(row.note)},"blocked":${row.blocked === 1},"onLine":${row.on_line === 1},"spent":${row.spent},"recent":${row.recent === '' ? '[]' : row.recent}}}\n`
    }
    if (lines) yield oneLineEach(lines)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.id
  }
}

/** Lots with something left of them. */
async function* lotLines(trx: Trx, seq: number): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const rows = await trx
      .selectFrom('lot_state')
      .innerJoin('lot', 'lot.id', 'lot_state.lot')
      .selectAll('lot')
      .select(['lot_state.free', 'lot_state.held'])
      .where('lot_state.lot', '>', after)
      .orderBy('lot_state.lot')
      .limit(PAGE)
      .execute()
    let lines = ''
    for (const row of rows) {
      lines += `{"kind":"lot","seq":${seq},"state":{"lot":{"id":"${row.id}","member":"${row.member}","asset":"${row.asset}","quantity":${row.quantity},"issuedAt":${row.issued_at},"expiresOn":${quoted(row.expires_on)},"terms":${row.terms},"code":${quoted(row.code)}},"free":${row.free},"held":${row.held}}}\n`
    }
    if (lines) yield oneLineEach(lines)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.id
  }
}

/** U+2028 and U+2029 may stand in JSON as they are, but some readers take them for the end of a line. */
const oneLineEach = (lines: string): string =>
  lines.replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'))

const quoted = (text: string | null): string => (text === null ? 'null' : `"${text}"`)
