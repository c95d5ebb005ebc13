/** Members and how they are found: by id, card, either end of a phone, or a piece of a name. */
import type { Kysely } from 'kysely'
import type { Profile } from '#core/contract/sync-rows.ts'
import { FEWEST_DIGITS, foldName, grams, isDigits } from '#core/name-search.ts'
import { digitsOf, phoneTail } from '#core/phone.ts'
import { chunks, insertRows, runOverRows } from './bulk.ts'
import type { LedgerTables, MemberGramTable, MemberTable } from './schema.ts'

type Db = Kysely<LedgerTables>

const NAMELESS: Profile = { name: '', phone: '', birthday: null, email: '', address: '' }

/** Who has just become a member; nameless until the personal data is there. */
export const newMember = (
  known: Pick<MemberTable, 'id' | 'card' | 'tier' | 'joined_on'>,
  profile = NAMELESS,
): MemberTable => ({
  ...known,
  ...profile,
  phone_tail: phoneTail(profile.phone),
  note: '',
  blocked: 0,
  on_line: 0,
  spent: 0,
  recent: '[]',
  seq: 0,
  root: null,
})

const COLUMNS = [
  'id',
  'card',
  'name',
  'phone',
  'phone_tail',
  'birthday',
  'email',
  'address',
  'tier',
  'joined_on',
  'note',
  'blocked',
  'on_line',
  'spent',
  'recent',
  'seq',
  'root',
] as const satisfies readonly (keyof MemberTable)[]

const UNLESS_OLDER = `on conflict (id) do update set
  ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}
  where member.seq <= excluded.seq`

/** Writes members and the pieces of their names. A row with an older `seq` than the stored one is passed over. */
export async function upsertMembers(db: Db, rows: readonly MemberTable[]): Promise<void> {
  const before = await namesBefore(db, rows)
  await insertRows(db, 'member', COLUMNS, rows, UNLESS_OLDER)
  const renamed = rows.filter(({ id, name, seq }) => {
    const stored = before.get(id)
    return !stored || (stored.seq <= seq && stored.name !== name)
  })
  await forgetNames(
    db,
    renamed.flatMap(({ id }) => before.get(id) ?? []),
  )
  await insertPieces(db, renamed)
}

/** The same, of members who are new; fails where one of them is here already. */
export async function insertMembers(db: Db, rows: readonly MemberTable[]): Promise<void> {
  await insertRows(db, 'member', COLUMNS, rows)
  await insertPieces(db, rows)
}

const insertPieces = (db: Db, members: readonly MemberTable[]): Promise<void> =>
  insertRows(db, 'member_gram', ['gram', 'member'], piecesOf(members), 'on conflict do nothing')

/** Gram by gram, so that neighbours in the table are written together. */
function piecesOf(members: readonly MemberTable[]): MemberGramTable[] {
  const byGram = new Map<string, MemberGramTable[]>()
  for (const { id, name } of members) {
    for (const gram of grams(name)) {
      const piece = { gram, member: id }
      const others = byGram.get(gram)
      if (others) others.push(piece)
      else byGram.set(gram, [piece])
    }
  }
  return [...byGram.keys()].sort().flatMap((gram) => byGram.get(gram) ?? [])
}

type Named = Pick<MemberTable, 'id' | 'name' | 'seq'>

async function namesBefore(db: Db, rows: readonly MemberTable[]): Promise<Map<string, Named>> {
  const before = new Map<string, Named>()
  for (const part of chunks(rows, 1)) {
    const ids = part.map((row) => row.id)
    const stored = await db.selectFrom('member').select(['id', 'name', 'seq']).where('id', 'in', ids).execute()
    for (const row of stored) before.set(row.id, row)
  }
  return before
}

async function forgetNames(db: Db, members: readonly Named[]): Promise<void> {
  await runOverRows(
    db,
    (places) => `delete from member_gram where (gram, member) in (values ${places})`,
    members.flatMap(({ id, name }) => grams(name).map((gram) => [gram, id])),
    ['text', 'text'],
  )
}

/** Removes members and the pieces of their names. */
export async function deleteMembers(db: Db, ids: readonly string[]): Promise<void> {
  for (const part of chunks(ids, 1)) {
    const named = await db.selectFrom('member').select(['id', 'name', 'seq']).where('id', 'in', part).execute()
    await forgetNames(db, named)
    await db.deleteFrom('member').where('id', 'in', part).execute()
  }
}

export async function memberById(db: Db, id: string): Promise<MemberTable | undefined> {
  return db.selectFrom('member').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * All that one person is known as: first the member whose name they go by, then those who turned out to be the same. Empty
 * when nobody has this id.
 */
export async function personById(db: Db, id: string): Promise<MemberTable[]> {
  const row = await memberById(db, id)
  return row ? personOf(db, row) : []
}

/** The same, for whoever this row is. */
export async function personOf(db: Db, row: MemberTable): Promise<[MemberTable, ...MemberTable[]]> {
  const root = row.root === null ? row : ((await memberById(db, row.root)) ?? row)
  // Put in order here: nearly all are of one name, and SQLite would make ready to sort for each of them.
  const others = await db.selectFrom('member').selectAll().where('root', '=', root.id).execute()
  return [root, ...others.filter(({ id }) => id !== root.id).toSorted((a, b) => (a.id < b.id ? -1 : 1))]
}

export async function memberByCard(db: Db, card: string): Promise<MemberTable | undefined> {
  return db.selectFrom('member').selectAll().where('card', '=', card).executeTakeFirst()
}

const FOUND = 20

/** At most twenty members for what a cashier typed: digits are a phone, its tail or its beginning; the rest a piece of a name. */
export async function findMembers(db: Db, query: string): Promise<MemberTable[]> {
  const text = foldName(query)
  const digits = digitsOf(text)
  if (isDigits(text)) return digits.length >= FEWEST_DIGITS ? findByPhone(db, digits) : []
  return findByName(db, text)
}

async function findByPhone(db: Db, digits: string): Promise<MemberTable[]> {
  const exact = await db.selectFrom('member').selectAll().where('phone', '=', digits).limit(FOUND).execute()
  if (exact.length > 0) return exact
  const ending = await beginningWith(db, 'phone_tail', phoneTail(digits))
  return ending.length > 0 ? ending : beginningWith(db, 'phone', digits)
}

const beginningWith = (db: Db, column: 'phone' | 'phone_tail', digits: string): Promise<MemberTable[]> =>
  db
    .selectFrom('member')
    .selectAll()
    .where(column, '>=', digits)
    .where(column, '<', `${digits}:`)
    .limit(FOUND)
    .execute()

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
