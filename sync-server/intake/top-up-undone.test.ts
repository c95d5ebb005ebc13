/** R5: a top-up that is paid back twice, because neither counter could know of the other, is lent on by the store. */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { Amount, EventId, GrantId, LotId, type MemberId } from '#core/ids.ts'
import { drawerOf, heldBy, issued, outsideCash } from '#core/ledger/account.ts'
import { cashAsset, valueAsset } from '#core/ledger/asset.ts'
import type { EventOf } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import { undoingAt } from '#core/ledger/plan/reversal.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { allOf, giveBack } from '#test/support/drafts.ts'
import { heldIn, loansOf } from '#test/support/epochs.ts'
import { TWD } from '#test/support/programme.ts'
import { scene } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { TODAY, startServer, type TestServer } from '#test/support/sync-server.ts'

const PAID = Amount.parse(500)
const VALUE = valueAsset(TWD)
const TENDER = { kind: 'cash' as const, amount: PAID, received: PAID, change: Amount.parse(0) }

const receiptAt = ({ seq }: SyncCounter) => ({ number: seq + 1, code: `R${seq + 1}` })

function topUp(counter: SyncCounter, member: MemberId): EventOf<'value.toppedUp'> {
  const id = EventId.parse(uuidv7())
  const lot: Lot = {
    id: LotId.parse(`${id}.0`),
    member,
    asset: VALUE,
    quantity: PAID,
    issuedAt: 1,
    expiresOn: null,
    terms: { source: 'topUp', paid: PAID },
    code: null,
  }
  const body = { receipt: receiptAt(counter), member, asset: VALUE, paid: PAID, bonus: Amount.parse(0), tender: TENDER }
  const { holder } = counter
  const transfers = [
    { asset: cashAsset(TWD), from: outsideCash(TWD), to: drawerOf(holder.terminal), amount: PAID },
    { asset: VALUE, from: issued(VALUE), to: heldBy(lot.id, holder), amount: PAID },
  ]
  const { event } = counter.append({ kind: 'value.toppedUp', body, lots: [lot], transfers }, { id })
  if (event.kind !== 'value.toppedUp') throw new Error('a top-up is expected')
  return event
}

function payBack(counter: SyncCounter, topped: EventOf<'value.toppedUp'>) {
  const { id: reverses, body } = topped
  const { member, tender } = body
  const refund = { reverses, mode: 'own' as const, receipt: receiptAt(counter), member, tenders: [tender] }
  return counter.append({
    kind: 'value.topUpRefunded',
    body: { ...refund, total: PAID, reason: '' },
    lots: [],
    transfers: undoingAt(counter.holder, topped, TODAY),
  }).event
}

async function drawerAt({ database }: TestServer, { holder }: SyncCounter): Promise<number> {
  const rows = database.db.selectFrom('balance').select('amount').where('account', '=', drawerOf(holder.terminal))
  return (await rows.executeTakeFirst())?.amount ?? 0
}

const asideAt = ({ database }: TestServer) => database.db.selectFrom('quarantine').select('reason').execute()

describe.each(ENGINES)('on %s', (engine) => {
  it('R11: by its own counter, whose epoch was closed before that was sent, and by another', async () => {
    const { server, one, two, member } = await scene(await startServer(engine, { rounds: 'byHand' }))
    const topped = topUp(one, member)
    await one.push()
    one.unsent = []
    const undone = payBack(one, topped)
    await closeEpoch(server.ledger, one.holder, 'lost')
    await two.acquire(member, [{ kind: 'amount', asset: VALUE, amount: PAID }])
    payBack(two, topped)
    await two.sync()
    await one.push()
    expect(await asideAt(server)).toEqual([])
    const outcomes = server.database.db.selectFrom('outcome').select(['event_id', 'reason'])
    expect(await outcomes.execute()).toEqual([{ event_id: undone.id, reason: 'reversedBefore' }])
    expect([await drawerAt(server, one), await drawerAt(server, two)]).toEqual([0, -PAID])
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'closedEpoch', amount: PAID, repaid: 0 }])
    expect(await faultsOf(server.database.db)).toEqual([])
  })

  it('R12: by one under a grant that the server has forgotten, and by another since', async () => {
    const { server, one, two, member } = await scene(await startServer(engine, { rounds: 'byHand' }))
    const three = await SyncCounter.join(server, 'Counter 3')
    const topped = topUp(one, member)
    const whole = allOf(topped)
    giveBack(one, whole)
    await one.sync()
    // Before the server was put back, which no longer waits for Counter 3.
    three.accept({
      grant: GrantId.parse(uuidv7()),
      member,
      parts: whole.map(({ lot }) => ({ lot, amount: PAID })),
    })
    payBack(three, topped)
    await two.acquire(member, [{ kind: 'amount', asset: VALUE, amount: PAID }])
    payBack(two, topped)
    await two.sync()
    await three.push()
    expect(await asideAt(server)).toEqual([])
    expect(await heldIn(server, three.holder)).toEqual([])
    expect([await drawerAt(server, two), await drawerAt(server, three)]).toEqual([-PAID, -PAID])
    expect(await loansOf(server, three.holder)).toEqual([{ reason: 'restored', amount: PAID, repaid: 0 }])
    expect(await faultsOf(server.database.db)).toEqual([])
  })
})
