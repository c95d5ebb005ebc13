/** Proofs over a whole ledger: balances against transfers, chains against hashes. Run by tests, and by hand. */
import { sql, type Kysely } from 'kysely'
import { sha256Hex } from '#core/ledger/hash.ts'
import type { BalanceTable, LedgerTables } from './schema.ts'

export type Unproved = { account: string; asset: string; stored: number; proved: number }

/** Which accounts: by the beginnings and ends of their names, as in SQL's LIKE. */
export type Kept = { like: readonly string[]; unlike?: string }
const ALL: Kept = { like: ['%'] }

function kept({ like, unlike }: Kept) {
  const any = sql.join(
    like.map((one) => sql`account like ${one}`),
    sql` or `,
  )
  return unlike === undefined ? sql`(${any})` : sql`(${any}) and account not like ${unlike}`
}

const sums = (accounts: Kept) => sql`
  select account, asset, sum(amount) as amount from (
    select to_account as account, asset, amount from transfer
    union all
    select from_account as account, asset, -amount as amount from transfer
  ) as moved where ${kept(accounts)} group by account, asset`

/** Accounts whose stored balance is not the sum of their transfers; none when all is well. */
export async function proveBalances(db: Kysely<LedgerTables>, accounts = ALL): Promise<Unproved[]> {
  const { rows } = await sql<Unproved>`
    with proved as (${sums(accounts)}),
      stored as (select account, asset, amount from balance where ${kept(accounts)})
    select coalesce(stored.account, proved.account) as account, coalesce(stored.asset, proved.asset) as asset,
      coalesce(stored.amount, 0) as stored, coalesce(proved.amount, 0) as proved
    from stored full join proved on stored.account = proved.account and stored.asset = proved.asset
    where coalesce(stored.amount, 0) <> coalesce(proved.amount, 0)`.execute(db)
  return rows
}

/** What these accounts' transfers add up to, where that is something. */
export async function sumsOf(db: Kysely<LedgerTables>, accounts: Kept): Promise<BalanceTable[]> {
  const { rows } = await sql<BalanceTable>`
    select account, asset, amount from (${sums(accounts)}) as proved where amount <> 0`.execute(db)
  return rows
}

export type BrokenChain = { terminal: string; epoch: string; seq: number; reason: 'badHash' | 'badLink' | 'gap' }

const PAGE = 5_000

/** A place in a chain whose event is kept elsewhere, under the hash it was sent with. */
export type Aside = { terminal: string; epoch: string; seq: number; hash: string }

/**
 * The first fault of each chain in the database; none when every chain verifies from its first event. `aside` fills the
 * places of what a server has put in quarantine.
 */
export async function verifyChains(db: Kysely<LedgerTables>, aside: readonly Aside[] = []): Promise<BrokenChain[]> {
  const chains = await db.selectFrom('event').select(['terminal', 'epoch']).distinct().execute()
  const broken: BrokenChain[] = []
  for (const { terminal, epoch } of chains) {
    const places = aside.filter((one) => one.terminal === terminal && one.epoch === epoch)
    const fault = await verifyChain(db, terminal, epoch, new Map(places.map(({ seq, hash }) => [seq, hash])))
    if (fault) broken.push(fault)
  }
  return broken
}

async function verifyChain(
  db: Kysely<LedgerTables>,
  terminal: string,
  epoch: string,
  aside: ReadonlyMap<number, string>,
): Promise<BrokenChain | null> {
  let seq = 0
  let head: string | null = null
  for (;;) {
    const page = await db
      .selectFrom('event')
      .select(['seq', 'text', 'hash'])
      .where('terminal', '=', terminal)
      .where('epoch', '=', epoch)
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    for (const event of page) {
      const at = { terminal, epoch, seq: event.seq }
      for (let sent = aside.get(seq + 1); sent !== undefined && seq + 1 < event.seq; sent = aside.get(seq + 1)) {
        seq += 1
        head = sent
      }
      if (event.seq !== seq + 1) return { ...at, reason: 'gap' }
      if (sha256Hex(event.text) !== event.hash) return { ...at, reason: 'badHash' }
      if (seq > 0 && previousOf(event.text) !== head) return { ...at, reason: 'badLink' }
      seq = event.seq
      head = event.hash
    }
    if (page.length < PAGE) return null
  }
}

function previousOf(text: string): unknown {
  const event: unknown = JSON.parse(text)
  return typeof event === 'object' && event !== null && 'previous' in event ? event.previous : undefined
}
