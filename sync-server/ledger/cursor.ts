/**
 * The order of commits. One row per database, taken last by every writing transaction and held until it commits: whoever
 * reads "changed since N" can miss nothing. Each commit has a random tag, so that a restored database is found out (R12).
 */
import { randomCrockford, randomTag } from './mint.ts'
import type { Db, Trx } from './database.ts'

export type CursorRow = { seq: number; epoch: string; head_seq: number; head_hash: string | null }

/** Makes the one row, in a new database. */
export async function ensureCursor(db: Db): Promise<void> {
  await db
    .insertInto('cursor')
    .values({ id: 1, seq: 0, tag: '', epoch: randomCrockford(6), head_seq: 0, head_hash: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Takes the next place in the order of commits. */
export async function takeCursor(trx: Trx): Promise<CursorRow> {
  const tag = randomTag()
  const row = await trx
    .updateTable('cursor')
    .set((eb) => ({ seq: eb('seq', '+', 1), tag }))
    .where('id', '=', 1)
    .returning(['seq', 'epoch', 'head_seq', 'head_hash'])
    .executeTakeFirstOrThrow()
  await trx.insertInto('commit_tag').values({ seq: row.seq, tag }).execute()
  return row
}

export async function readCursor(db: Db): Promise<{ seq: number; tag: string }> {
  return db.selectFrom('cursor').select(['seq', 'tag']).where('id', '=', 1).executeTakeFirstOrThrow()
}
