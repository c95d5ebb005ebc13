/** Members and how they are found: by id, card, phone, phone tail, or a piece of a name. */
import { sql, type Kysely } from 'kysely'
import { grams, foldName } from '#core/name-search.ts'
import { chunks } from './bulk.ts'
import type { LedgerTables, MemberTable } from './schema.ts'

type Db = Kysely<LedgerTables>

export const digitsOf = (text: string): string => text.replace(/\D/g, '')
export const phoneTail = (phone: string): string => [...digitsOf(phone)].toReversed().join('')

/** Writes members and the pieces of their names. A row with an older `seq` than the stored one is passed over. */
export async function upsertMembers(db: Db, rows: readonly MemberTable[]): Promise<void> {
  for (const part of chunks(rows, 17)) {
    await db
      .insertInto('member')
      .values(part)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((eb) => ({
            card: eb.ref('excluded.card'),
            name: eb.ref('excluded.name'),
            phone: eb.ref('excluded.phone'),
            phone_tail: eb.ref('excluded.phone_tail'),
            birthday: eb.ref('excluded.birthday'),
            email: eb.ref('excluded.email'),
            address: eb.ref('excluded.address'),
            tier: eb.ref('excluded.tier'),
            joined_on: eb.ref('excluded.joined_on'),
            note: eb.ref('excluded.note'),
            blocked: eb.ref('excluded.blocked'),
            on_line: eb.ref('excluded.on_line'),
            spent: eb.ref('excluded.spent'),
            recent: eb.ref('excluded.recent'),
            seq: eb.ref('excluded.seq'),
          }))
          .where('member.seq', '<=', sql<number>`excluded.seq`),
      )
      .execute()
  }
  await indexNames(db, rows)
}

/** Indexes the names as they are stored now: an older row that was passed over must not be found by its old name. */
async function indexNames(db: Db, rows: readonly MemberTable[]): Promise<void> {
  for (const part of chunks(rows, 1)) {
    const ids = part.map((row) => row.id)
    await db.deleteFrom('member_gram').where('member', 'in', ids).execute()
    const stored = await db.selectFrom('member').select(['id', 'name']).where('id', 'in', ids).execute()
    const pieces = stored.flatMap(({ id, name }) => grams(name).map((gram) => ({ gram, member: id })))
    for (const few of chunks(pieces, 2)) {
      await db
        .insertInto('member_gram')
        .values(few)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }
}

export async function memberById(db: Db, id: string): Promise<MemberTable | undefined> {
  return db.selectFrom('member').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function memberByCard(db: Db, card: string): Promise<MemberTable | undefined> {
  return db.selectFrom('member').selectAll().where('card', '=', card).executeTakeFirst()
}

const FOUND = 20
/** Fewer digits than this would find half the shop. */
const SHORTEST_TAIL = 3

/** At most twenty members for what a cashier typed: digits are a phone or its tail, the rest a piece of a name. */
export async function findMembers(db: Db, query: string): Promise<MemberTable[]> {
  const text = foldName(query)
  const digits = digitsOf(text)
  if (digits.length >= SHORTEST_TAIL && /^[\d\s+()-]+$/.test(text)) return findByPhone(db, digits)
  return findByName(db, text)
}

async function findByPhone(db: Db, digits: string): Promise<MemberTable[]> {
  const tail = phoneTail(digits)
  const exact = await db.selectFrom('member').selectAll().where('phone', '=', digits).limit(FOUND).execute()
  if (exact.length > 0) return exact
  return db
    .selectFrom('member')
    .selectAll()
    .where('phone_tail', '>=', tail)
    .where('phone_tail', '<', `${tail}:`)
    .limit(FOUND)
    .execute()
}

async function findByName(db: Db, text: string): Promise<MemberTable[]> {
  const pieces = grams(text, 'query')
  const [first, ...others] = pieces
  if (first === undefined) return []
  let query = db
    .selectFrom('member_gram as g0')
    .innerJoin('member', 'member.id', 'g0.member')
    .selectAll('member')
    .where('g0.gram', '=', first)
  for (const gram of others) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('member_gram as g')
          .select('g.member')
          .whereRef('g.member', '=', 'g0.member')
          .where('g.gram', '=', gram),
      ),
    )
  }
  const found = await query.limit(FOUND * 3).execute()
  return found
    .filter((row) => foldName(row.name).includes(text))
    .toSorted((a, b) => Number(foldName(b.name) === text) - Number(foldName(a.name) === text))
    .slice(0, FOUND)
}
