/** Proofs over the server's whole database: balances, chains, and what is kept beside them for speed. */
import { Account, isFree, lotOf } from '#core/ledger/account.ts'
import { heldTotal } from '#storage/ledger.repository.ts'
import { proveBalances, sumsOf, verifyChains } from '#storage/prove.ts'
import { ledgerOf, type Db } from './database.ts'

/** What does not prove, in words; nothing when all is well. */
export async function faultsOf(db: Db): Promise<string[]> {
  const ledger = ledgerOf(db)
  const aside = await db
    .selectFrom('quarantine')
    .select(['terminal', 'epoch', 'seq', 'hash'])
    .where('reason', '<>', 'forked')
    .execute()
  const balances = await proveBalances(ledger, { like: ['%'], unlike: LOTS })
  const chains = await verifyChains(ledger, aside)
  return [
    ...balances.map((one) => `${one.account} ${one.asset}: ${one.stored} is stored, ${one.proved} is proved`),
    ...chains.map((one) => `chain ${one.terminal}.${one.epoch} at ${one.seq}: ${one.reason}`),
    ...(await lotFaults(db)),
  ]
}

const LOTS = 'lot:%'

/** A lot's row says what its transfers add up to. */
async function lotFaults(db: Db): Promise<string[]> {
  const rows = await sumsOf(ledgerOf(db), { like: [LOTS] })
  const proved = new Map<string, { free: number; held: number }>()
  for (const { account, amount } of rows) {
    const name = Account.parse(account)
    const lot = lotOf(name) ?? ''
    const { free, held } = proved.get(lot) ?? { free: 0, held: 0 }
    proved.set(lot, isFree(name) ? { free: free + amount, held } : { free, held: held + amount })
  }
  const faults: string[] = []
  for (const row of await db.selectFrom('lot').select(['id', 'free', 'held']).execute()) {
    const held = heldTotal(row.held)
    const right = proved.get(row.id) ?? { free: 0, held: 0 }
    if (right.free !== row.free || right.held !== held)
      faults.push(`lot ${row.id}: ${row.free} free, ${held} held is stored`)
    proved.delete(row.id)
  }
  return [...faults, ...[...proved.keys()].map((lot) => `lot ${lot}: nothing is stored`)]
}
