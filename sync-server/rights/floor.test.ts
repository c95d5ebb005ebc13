/** R9: what pays a store's loan once its sale is here: what its counter had without knowing, as it comes home, and nothing else. */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { PROTOCOL, type Granted, type Want } from '#core/contract/sync.ts'
import { GrantId, MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { loansOf } from '#test/support/epochs.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { madeAnew, SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, sharedServer, type TestServer } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

const points = (amount: number): Want[] => [{ kind: 'amount', asset: POINTS, amount }]

/** Two counters, and a member with 50 points. */
async function shopOf(server: TestServer) {
  const one = await SyncCounter.join(server, 'Counter 1')
  const two = await SyncCounter.join(server, 'Counter 2')
  const { member } = enrolMember(one)
  giveBack(one, allOf(grantPoints(one, member, 30)))
  await one.sync()
  await two.pull()
  const free = async () => {
    await two.pull()
    return two.freeOf(member, POINTS)
  }
  return { one, two, member, free }
}

/** What the counter is granted; the answer is lost. */
async function losesAnswer({ client, holder }: SyncCounter, member: MemberId, amount: number): Promise<Granted> {
  const grant = GrantId.parse(uuidv7())
  return madeAnew(await client.acquire({ protocol: PROTOCOL, ...holder, grant, member, wants: points(amount) }))
}

const lend = (counter: SyncCounter, member: MemberId, amount: number) =>
  sell(counter, { member, total: amount, pointsTender: amount, lent: amount })

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)

  it('takes nothing that its counter has earned while the sale had to wait for its member', async () => {
    const server = shared()
    const { one, two } = await shopOf(server)
    const member = MemberId.parse(uuidv7())
    lend(one, member, 30)
    const later = sell(one, { member, total: 300, points: 50 })
    await one.sync()
    enrolMember(two, member)
    await two.sync()
    giveBack(one, allOf(later))
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(50)
    // The welcome gift has paid what it can.
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'floor', amount: 30, repaid: 20 }])
    await sound(server)
  })

  it('takes nothing that its counter earns, or is granted, after it had lent', async () => {
    const server = shared()
    const { one, two, member, free } = await shopOf(server)
    const elsewhere = await two.acquire(member, points(50))
    await two.sync()
    lend(one, member, 20)
    await one.sync()
    giveBack(two, elsewhere.parts)
    await two.sync()
    server.clock.advance(30 * DAY_MS)

    giveBack(one, allOf(sell(one, { member, total: 1_500, points: 15 })))
    giveBack(one, (await one.acquire(member, points(40))).parts)
    await one.sync()
    expect(await free()).toBe(65)
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'floor', amount: 20, repaid: 0 }])
    await sound(server)
  })

  it('is paid by the grant that its counter had not heard of, and by no more than that', async () => {
    const server = shared()
    const { one, two, member, free } = await shopOf(server)
    const lost = await losesAnswer(one, member, 50)
    lend(one, member, 30)
    giveBack(one, allOf(sell(one, { member, total: 1_500, points: 15 })))
    const second = lend(one, member, 40)
    await one.sync()
    // The second finds free what was earned in between.
    const before = [30, 40].map((amount, n) => ({ reason: 'floor', amount, repaid: n * 15 }))
    expect(await loansOf(server, one.holder)).toEqual(before)

    one.accept(lost)
    giveBack(one, lost.parts)
    await one.sync()
    const after = [30, 40].map((amount, n) => ({ reason: 'floor', amount, repaid: 30 + n * 5 }))
    expect(await loansOf(server, one.holder)).toEqual(after)
    giveBack(one, allOf(sell(one, { member, total: 1_500, points: 15 })))
    await one.sync()
    expect(await loansOf(server, one.holder)).toEqual(after)
    expect(await free()).toBe(15)

    refund(two, second)
    await two.sync()
    expect(await free()).toBe(15 + 35)
    await sound(server)
  })

  it('R11: is paid by that grant too when its counter’s epoch is closed, and undone with its sale', async () => {
    const server = shared()
    const { one, two, member, free } = await shopOf(server)
    await losesAnswer(one, member, 50)
    const sale = lend(one, member, 40)
    sell(one, { member, total: 1_500, points: 15 })
    await one.push()
    await closeEpoch(server.ledger, one.holder, 'lost')
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'floor', amount: 40, repaid: 40 }])
    expect(await free()).toBe(10 + 15)

    refund(two, sale)
    await two.sync()
    expect(await free()).toBe(50 + 15)
    await sound(server)
  })
})
