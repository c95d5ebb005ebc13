import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { chainOf, ledgerOn, moving } from '#test/support/ledger-database.ts'
import { holder, lotId, memberId, otherHolder } from '#test/support/programme.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { freeOf, heldBy, issued, ownedBy } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { hashOf, type SealedEvent } from '#core/ledger/event.ts'
import { insertEvents } from './event.repository.ts'
import { postBalances } from './ledger.repository.ts'
import { proveBalances, verifyChains } from './prove.ts'
import type { LedgerTables } from './schema.ts'

const free = freeOf(lotId(1))
const held = heldBy(lotId(1), holder)
const drafts = [
  moving([{ asset: POINTS, from: issued(POINTS), to: free, amount: 30 }]),
  moving([{ asset: POINTS, from: free, to: held, amount: 20 }]),
  moving([{ asset: POINTS, from: held, to: free, amount: 20 }]),
  moving([]),
]

async function store(db: Kysely<LedgerTables>, chain: readonly SealedEvent[]): Promise<void> {
  await insertEvents(db, chain)
  await postBalances(
    db,
    chain.flatMap(({ event }) => event.transfers),
  )
}

describe.each(ENGINES)('proofs on %s', (engine) => {
  const ledger = ledgerOn(engine)

  describe('proveBalances', () => {
    it('finds nothing in an honest ledger, or in an empty one', async () => {
      expect(await proveBalances(ledger())).toEqual([])
      await store(ledger(), chainOf(drafts))
      expect(await proveBalances(ledger())).toEqual([])
    })

    it('reads events in which half a character stands, and what only looks like it', async () => {
      const notes = ['x\ud83d', '\ude00\\\ud83d', '\\ud83d', '\\\\ud83d', '😀']
      const transfers = [{ asset: POINTS, from: issued(POINTS), to: free, amount: 1 }]
      await store(ledger(), chainOf(notes.map((note) => moving(transfers, memberId(1), note))))
      expect(await proveBalances(ledger())).toEqual([])
    })

    it('finds a balance that was changed, one that was made up, and one that is gone', async () => {
      const db = ledger()
      await store(db, chainOf(drafts))
      await db.updateTable('balance').set({ amount: 31 }).where('account', '=', free).execute()
      await db.insertInto('balance').values({ account: 'lot:made-up', asset: POINTS, amount: 1_000 }).execute()
      await db.deleteFrom('balance').where('account', '=', issued(POINTS)).execute()
      const found = (await proveBalances(db)).toSorted((a, b) => (a.account < b.account ? -1 : 1))
      expect(found).toEqual([
        { account: issued(POINTS), asset: POINTS, stored: 0, proved: -30 },
        { account: free, asset: POINTS, stored: 31, proved: 30 },
        { account: 'lot:made-up', asset: POINTS, stored: 1_000, proved: 0 },
      ])
    })

    it('finds a transfer that was changed, put in, or taken out', async () => {
      const db = ledger()
      const chain = chainOf(drafts)
      await store(db, chain)
      const spoil = async (n: number, change: (text: string) => string) => {
        const { event, text } = chain[n]!
        await db
          .updateTable('event')
          .set({ text: change(text) })
          .where('id', '=', event.id)
          .execute()
      }
      await spoil(0, (text) => text.replace('"amount":30', '"amount":29'))
      expect(await proveBalances(db)).toHaveLength(2)
      await spoil(1, (text) => text.replace(/"transfers":\[.*?\]/, '"transfers":[]'))
      expect((await proveBalances(db)).map(({ account }) => account).toSorted()).toEqual(
        [issued(POINTS), free, held].toSorted(),
      )
    })

    it('looks only at what is kept here', async () => {
      const db = ledger()
      const chain = chainOf(drafts.slice(0, 2))
      await insertEvents(db, chain)
      await postBalances(
        db,
        chain.flatMap(({ event }) => event.transfers),
        (account) => ownedBy(account, holder),
      )
      const own = [`lot:%@${holder.terminal}.${holder.epoch}`, `drawer:${holder.terminal}`]
      expect(await proveBalances(db, { like: own })).toEqual([])
      expect(await proveBalances(db)).not.toEqual([])
      await db.updateTable('balance').set({ amount: 1 }).execute()
      expect(await proveBalances(db, { like: own })).toEqual([{ account: held, asset: POINTS, stored: 1, proved: 20 }])
    })
  })

  describe('verifyChains', () => {
    const change = (seq: number, set: { text?: string; hash?: string; seq?: number }) =>
      ledger().updateTable('event').set(set).where('seq', '=', seq).where('terminal', '=', holder.terminal).execute()
    const fault = (seq: number, reason: string) => [{ ...holder, seq, reason }]

    it('finds nothing in honest chains, a page or more of them', async () => {
      await insertEvents(ledger(), [...chainOf(drafts), ...chainOf(drafts, otherHolder)])
      expect(await verifyChains(ledger())).toEqual([])
    })

    it('lets the first of an epoch name the head of the epoch before', async () => {
      const before = chainOf(drafts)
      const next = { ...holder, epoch: otherHolder.epoch }
      await insertEvents(ledger(), [...before, ...chainOf(drafts, next, before.at(-1)!.hash)])
      expect(await verifyChains(ledger())).toEqual([])
    })

    it('finds a text that was changed under its hash', async () => {
      const chain = chainOf(drafts)
      await insertEvents(ledger(), chain)
      await change(3, { text: chain[2]!.text.replace('"amount":20', '"amount":19') })
      expect(await verifyChains(ledger())).toEqual(fault(3, 'badHash'))
    })

    it('finds a text and its hash changed together: the next no more names it', async () => {
      const chain = chainOf(drafts)
      await insertEvents(ledger(), chain)
      const text = chain[1]!.text.replace('"amount":20', '"amount":19')
      await change(2, { text, hash: hashOf(text) })
      expect(await verifyChains(ledger())).toEqual(fault(3, 'badLink'))
    })

    it.each([
      ['at the start', 1, 2],
      ['in the middle', 2, 3],
    ])('finds an event taken out %s', async (_, gone, found) => {
      await insertEvents(ledger(), chainOf(drafts))
      await ledger().deleteFrom('event').where('seq', '=', gone).execute()
      expect(await verifyChains(ledger())).toEqual(fault(found, 'gap'))
    })

    it('finds an event put in from another chain', async () => {
      const foreign = chainOf(drafts, holder, hashOf('another'))
      await insertEvents(
        ledger(),
        chainOf(drafts).map((sealed, n) => (n === 2 ? foreign[2]! : sealed)),
      )
      expect(await verifyChains(ledger())).toEqual(fault(3, 'badLink'))
    })

    it('finds the first fault of every chain, and leaves honest ones out', async () => {
      const third = { ...holder, epoch: otherHolder.epoch }
      await insertEvents(ledger(), [...chainOf(drafts), ...chainOf(drafts, otherHolder), ...chainOf(drafts, third)])
      await ledger()
        .updateTable('event')
        .set({ text: '{}' })
        .where('epoch', '=', holder.epoch)
        .where('seq', '>', 1)
        .execute()
      await ledger().deleteFrom('event').where('terminal', '=', otherHolder.terminal).where('seq', '=', 3).execute()
      const found = (await verifyChains(ledger())).toSorted((a, b) => (a.terminal < b.terminal ? -1 : 1))
      expect(found).toEqual([
        { ...holder, seq: 2, reason: 'badHash' },
        { ...otherHolder, seq: 4, reason: 'gap' },
      ])
    })

    it('reads on past a page', async () => {
      const long = chainOf(Array.from({ length: 5_003 }, () => moving([])))
      await insertEvents(ledger(), long)
      expect(await verifyChains(ledger())).toEqual([])
      await change(5_001, { text: '{}' })
      expect(await verifyChains(ledger())).toEqual(fault(5_001, 'badHash'))
    })
  })
})
