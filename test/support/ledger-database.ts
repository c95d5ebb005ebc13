/** An empty ledger of either kind on either engine, and events to put into it. */
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { EventId, StoreId, type MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { seal, type Draft, type Hash, type SealedEvent } from '#core/ledger/event.ts'
import { POINTS } from '#core/ledger/asset.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { migrate, type DatabaseKind } from '#storage/migrate.ts'
import { openDatabase, type Opened } from '#storage/open.ts'
import type { LedgerTables, MemberTable } from '#storage/schema.ts'
import { phoneTail } from '#core/phone.ts'
import { holder as first, memberId, today } from './programme.ts'
import { databasePlace, type Engine } from './server-database.ts'

/** Where a database can be made: a file's path, or a PostgreSQL URL. It is gone when the test is. */
export const emptyLocation = (engine: Engine): Promise<string> => locationOf(engine, null)

async function locationOf(engine: Engine, kind: DatabaseKind | null): Promise<string> {
  const { location, remove } = await databasePlace(engine, kind)
  onTestFinished(remove)
  return location
}

/** Opens a database for one test, which closes it. */
export function openAt(location: string): Opened<LedgerTables> {
  const opened = openDatabase<LedgerTables>(location)
  onTestFinished(opened.close)
  return opened
}

/** A fresh, migrated database for one test. */
export async function openLedger(engine: Engine, kind: DatabaseKind = 'server'): Promise<Opened<LedgerTables>> {
  const opened = openAt(await locationOf(engine, kind))
  await migrate(opened.db, kind, opened.dialect)
  return opened
}

const TABLES = ['event', 'balance', 'lot', 'member', 'member_gram', 'store'] as const

/** One database for the tests of a `describe`, emptied before each; the function answers it inside them. */
export function ledgerOn(engine: Engine): () => Kysely<LedgerTables> {
  let opened: Opened<LedgerTables> | undefined
  let remove: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const place = await databasePlace(engine)
    remove = place.remove
    opened = openDatabase<LedgerTables>(place.location)
    await migrate(opened.db, 'server', opened.dialect)
  })
  beforeEach(async () => {
    for (const table of TABLES) await opened?.db.deleteFrom(table).execute()
  })
  afterAll(async () => {
    await opened?.close()
    await remove?.()
  })
  return () => {
    if (!opened) throw new Error('the database is opened before the first test')
    return opened.db
  }
}

/** An event that does nothing but move what it is given. */
export function moving(transfers: readonly Transfer[], member: MemberId = memberId(1), note = '.'): Draft {
  const body = { member, asset: POINTS, direction: 'grant' as const, amount: 1, note }
  return { kind: 'member.adjusted', body, lots: [], transfers: [...transfers] }
}

/** Drafts as a chain of one counter's, from `seq` 1; the first names `previous`. */
export function chainOf(drafts: readonly Draft[], holder: Holder = first, previous: Hash | null = null): SealedEvent[] {
  const chain: SealedEvent[] = []
  for (const draft of drafts) {
    const head = chain.at(-1)?.hash ?? previous
    chain.push(
      seal(draft, {
        id: EventId.parse(randomUUID()),
        store: StoreId.parse('s1'),
        ...holder,
        seq: chain.length + 1,
        occurredAt: 1_763_800_000_000 + chain.length,
        clockOffset: 0,
        businessDate: today,
        staff: null,
        approvedBy: null,
        previous: head,
      }),
    )
  }
  return chain
}

/** The n-th member, as a row. */
export function memberRow(n: number, over: Partial<MemberTable> = {}): MemberTable {
  const phone = over.phone ?? `0900${String(n).padStart(6, '0')}`
  const card = `CARD${String(n).padStart(6, '0')}`
  const empty = {
    birthday: null,
    email: '',
    address: '',
    note: '',
    recent: '[]',
    blocked: 0,
    on_line: 0,
    spent: 0,
    seq: 0,
    root: null,
  }
  const named = {
    id: memberId(n),
    card,
    name: `會員${n}`,
    phone,
    phone_tail: phoneTail(phone),
    tier: 'basic',
    joined_on: today,
  }
  return { ...empty, ...named, ...over }
}
