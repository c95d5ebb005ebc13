/** What a counter may not give, or bring in, harms nobody else: one bad event never blocks the rest (docs/rules.md, sync). */
import { beforeEach, describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { Amount, ClaimId, EventId, GrantId, LotId, type MemberId } from '#core/ids.ts'
import { claimAccount, debtOf, drawerOf, freeOf, heldBy, issued, riskOf, type Account } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { hashOf } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { quarantineOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { sharedServer, type TestServer } from '#test/support/sync-server.ts'
import { MOST_SPENT } from '#core/ledger/standing.ts'

/** An adjustment by hand that moves just this. */
function adjust(counter: SyncCounter, member: MemberId, transfers: Transfer[], lots: Lot[] = [], id = freshId()) {
  const body = { member, asset: POINTS, direction: 'grant' as const, amount: 1, note: 'x' }
  counter.append({ kind: 'member.adjusted', body, lots, transfers }, { id })
}

const freshId = () => EventId.parse(uuidv7())
const give = (to: Account, amount = 1): Transfer => ({ asset: POINTS, from: issued(POINTS), to, amount })

const reasons = async (server: TestServer, { holder }: SyncCounter) =>
  (await quarantineOf(server, holder)).map(({ reason }) => reason)

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)
  let server: TestServer
  let one: SyncCounter
  let two: SyncCounter
  let member: MemberId
  let lot: Lot

  beforeEach(async () => {
    server = shared()
    one = await SyncCounter.join(server, 'Counter 1')
    two = await SyncCounter.join(server, 'Counter 2')
    member = enrolMember(one).member
    const given = grantPoints(one, member, 10)
    giveBack(one, allOf(given))
    await one.sync()
    lot = given.lots[0]!
  })

  /** The other counter is served as if nothing had been tried. */
  async function goesOn(): Promise<void> {
    const { parts } = await one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 5 }])
    sell(one, { member, total: 5, pointsTender: 5, spend: parts })
    await one.sync()
    expect(one.lot(lot.id)).toMatchObject({ free: 5, held: [] })
    await sound(server)
  }

  it('puts aside what fills an account in nobody’s keeping', async () => {
    adjust(two, member, [give(freeOf(lot.id))])
    const sent = two.unsent.at(-1)!
    sent.text = sent.text.replace(`"lot:${lot.id}"`, `"lot:${lot.id}@x"`)
    sent.hash = hashOf(sent.text)
    await two.push()
    expect(await reasons(server, two)).toEqual(['unreadable'])
    await goesOn()
  })

  it('puts aside what gives where its counter may not', async () => {
    const not = [
      freeOf(lot.id),
      heldBy(lot.id, one.holder),
      heldBy(lot.id, two.holder),
      claimAccount(ClaimId.parse(freshId())),
      debtOf(member, POINTS),
      riskOf(two.store, POINTS),
      drawerOf(one.holder.terminal),
    ]
    for (const to of not) adjust(two, member, [give(to)])
    await two.push()
    expect(await reasons(server, two)).toEqual(not.map(() => 'notYours'))
    await goesOn()
  })

  it('puts aside what moves value from one lot into another', async () => {
    const mine = grantPoints(two, enrolMember(two).member, 7).lots[0]!
    adjust(two, member, [{ asset: POINTS, from: heldBy(mine.id, two.holder), to: freeOf(lot.id), amount: 7 }])
    await two.push()
    expect(await reasons(server, two)).toEqual(['notYours'])
    await goesOn()
  })

  it('puts aside what brings in more than can be true, at once or in parts', async () => {
    for (const amounts of [[1e13], Array.from({ length: 1_000 }, () => 1e12), Array.from({ length: 11 }, () => 1e9)]) {
      const id = freshId()
      const born = { ...lot, id: LotId.parse(`${id}.0`) }
      const to = heldBy(born.id, two.holder)
      adjust(
        two,
        member,
        amounts.map((amount) => give(to, amount)),
        [born],
        id,
      )
    }
    sell(two, { member, total: 1e13 })
    await two.push()
    expect(await reasons(server, two)).toEqual(['tooLarge', 'tooLarge', 'tooLarge', 'tooLarge'])
    await goesOn()
  })

  it('puts aside the grant of more than can be true, as if it had forgotten it', async () => {
    const made = { ...lot, id: LotId.parse(`${freshId()}.0`), quantity: 1e13 }
    two.accept({ grant: GrantId.parse(freshId()), member, parts: [{ lot: made, amount: 1e13 }] })
    await two.push()
    expect(await reasons(server, two)).toEqual(['unknownGrant'])
    await goesOn()
  })

  it('adds no more to what a member has spent than can be read again', async () => {
    const spent = Amount.parse(MOST_SPENT - 100)
    await server.database.db.updateTable('member').set({ spent }).where('id', '=', member).execute()
    sell(two, { member, total: 500 })
    await two.push()
    await goesOn()
    expect(one.members().find(({ id }) => id === member)?.spent).toBe(MOST_SPENT)
  })
})
