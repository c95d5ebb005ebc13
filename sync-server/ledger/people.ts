/**
 * People: members who turned out to be one and the same are locked, and decided about, as one. Each names the oldest of
 * them as its root; there are no chains.
 */
import { MemberId } from '#core/ids.ts'
import { chunks } from '#storage/bulk.ts'
import type { MemberTable } from '#storage/schema.ts'
import type { Facts } from '#core/ledger/consequence/facts.ts'
import type { Dialect } from '#storage/open.ts'
import { locking, type Db, type Trx } from './database.ts'

/** Of the unit of work that locks. */
type Locking = { trx: Trx; dialect: Dialect; facts: Facts }

type Alias = Pick<MemberTable, 'id' | 'root'>

/** Locks these members and all who are one with them, in order, reads them, and tells the facts who is whom. */
export async function lockPeople(
  { trx, dialect, facts }: Locking,
  ids: Iterable<string>,
): Promise<Map<string, MemberTable>> {
  const people = await everyoneOf(trx, ids)
  const members = new Map<string, MemberTable>()
  for (const part of chunks([...people].toSorted(), 1)) {
    const query = trx.selectFrom('member').selectAll().where('id', 'in', part).orderBy('id')
    const rows = await locking(dialect, query).execute()
    for (const row of rows) members.set(row.id, row)
  }
  // Between the look and the lock someone may have been merged.
  if (dialect === 'postgres' && (await everyoneOf(trx, people)).size > people.size) throw new MergedMeanwhileError()
  for (const { id, root } of members.values()) {
    if (root === null) continue
    facts.roots.set(id, MemberId.parse(root))
    facts.roots.set(root, MemberId.parse(root))
  }
  return members
}

/** These ids and all others of the same people. */
export async function everyoneOf(trx: Db, ids: Iterable<string>): Promise<Set<string>> {
  const people = new Set(ids)
  const roots = new Set<string>()
  const meet = ({ id, root }: Alias) => {
    people.add(id)
    if (root !== null && !people.has(root)) roots.add(root)
  }
  for (const row of await aliases(trx, people)) meet(row)
  if (roots.size === 0) return people
  for (const root of roots) people.add(root)
  for (const row of await aliases(trx, roots)) meet(row)
  return people
}

/** These members and all others of the same people, each with the root they go by. */
export type People = ReadonlyMap<string, string>

export async function peopleOf(db: Db, ids: readonly string[]): Promise<People> {
  const roots = new Map<string, string>()
  for (const part of chunks([...(await everyoneOf(db, ids))], 1)) {
    const rows = await db.selectFrom('member').select(['id', 'root']).where('id', 'in', part).execute()
    for (const { id, root } of rows) roots.set(id, root ?? id)
  }
  return roots
}

async function aliases(trx: Db, ids: ReadonlySet<string>): Promise<Alias[]> {
  const anyone = await trx.selectFrom('member').select('id').where('root', 'is not', null).limit(1).executeTakeFirst()
  if (!anyone) return []
  const found: Alias[] = []
  for (const part of chunks([...ids], 2)) {
    const query = trx.selectFrom('member').select(['id', 'root']).where('root', 'is not', null)
    found.push(...(await query.where((eb) => eb.or([eb('id', 'in', part), eb('root', 'in', part)])).execute()))
  }
  return found
}

/** Two members became one while this unit was about to lock one of them; it is run again. */
class MergedMeanwhileError extends Error {
  readonly code = 'mergedMeanwhile'
}
