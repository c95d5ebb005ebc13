/** The invariants (docs/rules.md) at one counter. Each check throws in words what does not hold. */
import { sql } from 'kysely'
import { readEvent } from '#core/ledger/event.ts'
import { lentBy } from '#core/ledger/floor.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { mayBeLeft } from '#main/counter/holdings.ts'
import { meta } from '#main/counter/meta.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import type { LedgerName } from '#storage/schema.ts'
import { recentPrintJobs } from '#main/devices/printing/print-job.ts'
import type { SimCounter } from '#test/simulation/counter.ts'

/** 1, 2, 4, 12: its own accounts prove and never go below nothing, its chain verifies. */
export async function checkCounter(counter: SimCounter): Promise<void> {
  const { db, ledger } = counter.engine.counter
  const tables = db.$pickTables<LedgerName>()
  const { terminal, epoch } = ledger.holder
  const unproved = await proveBalances(tables, { like: [`lot:%@${terminal}.${epoch}`] })
  if (unproved.length > 0) throw new Error(`${counter.name}: ${JSON.stringify(unproved[0])} does not prove`)
  const broken = await verifyChains(tables)
  if (broken.length > 0) throw new Error(`${counter.name}: its chain is broken: ${JSON.stringify(broken[0])}`)
  const below = await db
    .selectFrom('balance')
    .selectAll()
    .where('amount', '<', 0)
    .where('account', 'like', 'lot:%')
    .execute()
  if (below.length > 0) throw new Error(`${counter.name}: ${below[0]?.account} is below nothing`)
  const unseen = await db
    .selectFrom('lot')
    .innerJoin('balance', (join) =>
      join.on('balance.account', '=', sql<string>`'lot:' || lot.id || ${`@${terminal}.${epoch}`}`),
    )
    .select('balance.account')
    .where('balance.amount', '>', 0)
    .where(({ not }) => not(mayBeLeft))
    .execute()
  if (unseen.length > 0) throw new Error(`${counter.name}: ${unseen[0]?.account} is in hand, and taken for used up`)
}

/** What the demo shop's stores lend a member at one counter. */
const FLOOR = 50

/** 6: what a counter lends is within its store's limits, since it last heard the server, and over its being put back. */
export async function checkFloor(counter: SimCounter): Promise<void> {
  const { db, ack, ledger } = counter.engine.counter
  const earlier = (await meta.earlier.read(db)) ?? []
  const chains = [...earlier, { epoch: ledger.holder.epoch, ack: ack() }]
  const rows = await db
    .selectFrom('event')
    .select('text')
    .where('terminal', '=', ledger.holder.terminal)
    .where((eb) => eb.or(chains.map((one) => eb('epoch', '=', one.epoch).and('seq', '>', one.ack))))
    .where(sql<boolean>`instr(text, '"risk:') > 0`)
    .execute()
  const byMember = new Map<string, number>()
  for (const { text } of rows) {
    const read = readEvent(text)
    if (!read.ok || !('member' in read.event.body)) continue
    const member = read.event.body.member ?? ''
    byMember.set(member, (byMember.get(member) ?? 0) + lentBy(read.event, POINTS))
  }
  for (const [member, lent] of byMember)
    if (lent > FLOOR)
      throw new Error(`${counter.name} has lent ${lent} points to ${member}, where ${FLOOR} is the limit`)
}

/** 10: no receipt has come out of the printer twice without saying REPRINT. */
export async function checkPapers({ name, engine, printer }: SimCounter): Promise<void> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const paper of printer?.papers ?? []) {
    const bytes = paper.toString('base64')
    if (seen.has(bytes)) twice.add(bytes)
    seen.add(bytes)
  }
  if (twice.size === 0) return
  const jobs = await recentPrintJobs(engine.counter.db, Number.MAX_SAFE_INTEGER)
  for (const job of jobs.filter(({ copy }) => copy === 0)) {
    const bytes = engine.spool.bytesOf(job).toString('base64')
    if (twice.has(bytes)) throw new Error(`${name} has printed the receipt of ${job.eventId} twice, without a mark`)
  }
}
