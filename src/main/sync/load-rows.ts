/**
 * Rows of a snapshot into empty tables. SQLite reads members and lots from the text itself: by the hundred thousand, objects
 * cost more than writing them does. What columns may hold is said by the STRICT tables and their CHECKs.
 */
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { CounterTables } from '#storage/schema.ts'
import { applyRows } from './apply-rows.ts'
import { rowsOf, type SnapshotPiece } from './open-snapshot.ts'

type Db = Kysely<CounterTables>
type Kind = 'member' | 'lot'

/** Writes one piece after another, inside the caller's transaction. A piece is mostly of the kind the one before was. */
export function rowLoader(trx: Db): (piece: SnapshotPiece) => Promise<void> {
  let likely: Kind = 'member'
  return async (piece) => {
    let left = piece.rows - (await insert(trx, likely, piece.json))
    if (left === 0) return
    const other = likely === 'member' ? 'lot' : 'member'
    const inserted = await insert(trx, other, piece.json)
    if (inserted > 0) likely = other
    left -= inserted
    if (left === 0) return
    const others = rowsOf(piece).filter(({ kind }) => kind !== 'member' && kind !== 'lot')
    if (others.length !== left) throw new Error('a line of the snapshot is not one row')
    await applyRows(trx, others)
  }
}

async function insert(trx: Db, kind: Kind, json: Uint8Array): Promise<number> {
  const { numAffectedRows } = await INSERTS[kind](json).execute(trx)
  return Number(numAffectedRows ?? 0)
}

const INSERTS: Record<Kind, (json: Uint8Array) => RawBuilder<unknown>> = {
  member: (json) => sql`
    insert into member (
      id, card, name, phone, phone_tail, birthday, email, address, tier, joined_on, note, blocked, on_line, spent, recent, seq,
      root
    )
    select
      value ->> '$.state.id', value ->> '$.state.card', value ->> '$.state.name', value ->> '$.state.phone',
      phone_tail(value ->> '$.state.phone'), value ->> '$.state.birthday', value ->> '$.state.email',
      value ->> '$.state.address', value ->> '$.state.tier', value ->> '$.state.joinedOn', value ->> '$.state.note',
      value ->> '$.state.blocked', value ->> '$.state.onLine', value ->> '$.state.spent', value -> '$.state.recent',
      value ->> '$.seq', value ->> '$.state.root'
    from jsonb_each(cast(${json} as text))
    where value ->> '$.kind' = 'member' and value ->> '$.seq' > 0`,
  lot: (json) => sql`
    insert into lot (id, member, asset, quantity, issued_at, expires_on, terms, code, free, held, seq)
    select
      value ->> '$.state.lot.id', value ->> '$.state.lot.member', value ->> '$.state.lot.asset',
      value ->> '$.state.lot.quantity', value ->> '$.state.lot.issuedAt', value ->> '$.state.lot.expiresOn',
      value -> '$.state.lot.terms', value ->> '$.state.lot.code', value ->> '$.state.free', value -> '$.state.held',
      value ->> '$.seq'
    from jsonb_each(cast(${json} as text))
    where value ->> '$.kind' = 'lot' and value ->> '$.seq' > 0`,
}
