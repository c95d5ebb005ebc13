/** One person enrolled twice (R10): one root, whatever the order; nothing moves, nothing is lost. On both engines. */
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '#core/contract/sync.ts'
import { GrantId, type MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { v7 as uuidv7 } from 'uuid'
import { balanceOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { COFFEE, LATTE, WELCOME } from '#test/support/programme.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { madeAnew, SyncCounter } from '#test/support/sync-counter.ts'
import { sharedServer, startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'

let phones = 0
const newPhone = () => `09000100${String(++phones).padStart(2, '0')}`

type Scene = { server: TestServer; one: SyncCounter; two: SyncCounter; phone: string }

async function scene(server: TestServer): Promise<Scene> {
  const one = await SyncCounter.join(server, 'Counter 1')
  const two = await SyncCounter.join(server, 'Counter 2')
  return { server, one, two, phone: newPhone() }
}

/** Someone enrolled at both counters while neither knew of the other's: the older id and the younger. */
function enrolTwice({ one, two, phone }: Scene): { older: MemberId; younger: MemberId } {
  const older = enrolMember(one, undefined, { phone, name: '林怡婷' }).member
  const younger = enrolMember(two, undefined, { phone, name: '林小婷' }).member
  return { older, younger }
}

const pointsOf = (counter: SyncCounter, ...members: MemberId[]) =>
  members.reduce((sum, member) => sum + counter.freeOf(member, POINTS), 0)

async function proved({ server }: { server: TestServer }): Promise<void> {
  await sound(server)
  expect(await server.database.db.selectFrom('quarantine').selectAll().execute()).toEqual([])
}

describe.each(ENGINES)('members of one phone, on %s', (engine) => {
  const shared = sharedServer(engine)

  it('become one under the older id; the second welcome gift is taken back, no lot changes member', async () => {
    const all = await scene(shared())
    const { one, two } = all
    const { older, younger } = enrolTwice(all)
    giveBack(two, allOf(grantPoints(two, younger, 7)))
    await two.sync()
    expect(two.member(younger)).toMatchObject({ root: null })
    await one.sync()
    await two.pull()
    for (const counter of [one, two]) {
      expect(counter.member(older)).toMatchObject({ root: null, name: '林怡婷' })
      expect(counter.member(younger)).toMatchObject({ root: older, name: '林小婷' })
      expect(counter.freeOf(older, POINTS)).toBe(WELCOME)
      expect(counter.freeOf(younger, POINTS)).toBe(7)
      expect([...counter.lotsOf(older, LATTE), ...counter.lotsOf(younger, LATTE)]).toHaveLength(1)
    }
    await proved(all)
  })

  it('a gift that is spent already is not owed (R6: debt is for what was earned)', async () => {
    const all = await scene(shared())
    const { one, two } = all
    const { older, younger } = enrolTwice(all)
    await two.sync()
    const { parts } = await two.acquire(younger, [{ kind: 'amount', asset: POINTS, amount: 15 }])
    sell(two, { member: younger, total: 15, pointsTender: 15, spend: parts })
    await two.sync()
    await one.sync()
    expect(pointsOf(one, older, younger)).toBe(WELCOME)
    const debts = await all.server.database.db
      .selectFrom('balance')
      .selectAll()
      .where('account', 'like', `debt:${younger}%`)
      .execute()
    expect(debts).toEqual([])
    await proved(all)
  })

  it('what a counter keeps of a spare gift is asked for, and taken as it comes home', async () => {
    const all = await scene(shared())
    const { one, two } = all
    const { older, younger } = enrolTwice(all)
    await two.sync()
    const [coupon] = two.lotsOf(younger, LATTE)
    const { parts } = await two.acquire(younger, [
      { kind: 'amount', asset: POINTS, amount: 15 },
      { kind: 'lot', lot: coupon!.lot.id, amount: 1 },
    ])
    await two.sync()
    await one.sync()
    expect(pointsOf(one, older, younger)).toBe(WELCOME)
    await two.pull()
    const asked = new Map(two.recalls().map(({ lot, amount }) => [lot, amount]))
    expect(asked).toEqual(new Map(parts.map(({ lot, amount }) => [lot.id, amount])))

    giveBack(two, parts)
    giveBack(two, allOf(grantPoints(two, younger, 7)))
    await two.sync()
    expect(pointsOf(two, older, younger)).toBe(WELCOME + 7)
    expect(two.lotsOf(younger, POINTS).map(({ lot }) => lot.quantity)).toEqual([7])
    expect(two.lotsOf(younger, LATTE)).toEqual([])
    await proved(all)
  })

  it('what is spent of it there is not owed, and is taken if it comes back', async () => {
    const all = await scene(shared())
    const { server, one, two } = all
    const { older, younger } = enrolTwice(all)
    await two.sync()
    const { parts } = await two.acquire(younger, [{ kind: 'amount', asset: POINTS, amount: 15 }])
    await two.sync()
    await one.sync()
    const spend = parts.map((part) => ({ ...part, amount: 9 }))
    const sale = sell(two, { member: younger, total: 9, pointsTender: 9, spend })
    giveBack(
      two,
      parts.map((part) => ({ ...part, amount: 6 })),
    )
    await two.sync()
    expect(pointsOf(two, older, younger)).toBe(WELCOME)
    expect(two.lotsOf(younger, POINTS)).toEqual([])
    const owed = server.database.db.selectFrom('balance').select('amount').where('account', 'like', `debt:${older}%`)
    expect(await owed.where('amount', '<', 0).execute()).toEqual([])

    refund(two, sale)
    await two.sync()
    expect(pointsOf(two, older, younger)).toBe(WELCOME)
    expect(two.lotsOf(younger, POINTS)).toEqual([])
    await proved(all)
  })

  it('a counter that has not heard goes on with the younger id: what it did is right for ever', async () => {
    const all = await scene(shared())
    const { one, two } = all
    const { older, younger } = enrolTwice(all)
    await two.sync()
    await one.sync()
    const sale = sell(two, { member: younger, total: 5_000, points: 50 })
    giveBack(two, allOf(sale))
    await two.sync()
    await one.pull()
    expect(one.member(older)).toMatchObject({ spent: 5_000, tier: 'silver', recent: [{ event: sale.id }] })
    expect(one.member(younger)).toMatchObject({ spent: 0, root: older })
    expect(one.freeOf(younger, POINTS)).toBe(50)

    const answer = await two.client.acquire({
      protocol: PROTOCOL,
      ...two.holder,
      grant: GrantId.parse(uuidv7()),
      member: younger,
      wants: [{ kind: 'amount', asset: POINTS, amount: 60 }],
    })
    const granted = madeAnew(answer)
    const { rows } = answer
    expect(new Set(granted.parts.map(({ lot }) => lot.member))).toEqual(new Set([older, younger]))
    expect(rows.flatMap((row) => (row.kind === 'member' ? [row.state.root] : []))).toEqual(
      expect.arrayContaining([null, older]),
    )
    two.accept(granted)
    sell(two, { member: younger, total: 60, pointsTender: 60, spend: granted.parts })
    refund(two, sale)
    await two.sync()
    await one.pull()
    expect(one.member(older)).toMatchObject({ spent: 0 })
    expect(pointsOf(one, older, younger)).toBe(0)
    await proved(all)
  })

  it('what the older owes, the younger pays', async () => {
    const all = await scene(shared())
    const { server, one, two } = all
    const { older, younger } = enrolTwice(all)
    const sale = sell(one, { member: older, total: 4_000, points: 40 })
    sell(one, { member: older, total: 40, pointsTender: 40, spend: allOf(sale) })
    refund(one, sale)
    await one.sync()
    giveBack(two, allOf(grantPoints(two, younger, 100)))
    await two.sync()
    expect(await balanceOf(server, `debt:${older}:points`)).toBe(0)
    expect(pointsOf(two, older, younger)).toBe(100 - (40 - WELCOME))
    await proved(all)
  })

  it('what one owes, the other pays; a later debt is the person’s', async () => {
    const all = await scene(shared())
    const { server, one, two } = all
    const { older, younger } = enrolTwice(all)
    const sale = sell(two, { member: younger, total: 4_000, points: 40 })
    sell(two, { member: younger, total: 40, pointsTender: 40, spend: allOf(sale) })
    refund(two, sale)
    await two.sync()
    const debtOf = async (member: MemberId) => 0 - (await balanceOf(server, `debt:${member}:points`))
    expect(await debtOf(younger)).toBe(40 - WELCOME)
    expect(two.owedBy(younger)).toBe(40 - WELCOME)
    giveBack(one, allOf(grantPoints(one, older, 5)))
    await one.sync()
    await two.pull()
    expect(two.owedBy(younger)).toBe(0)
    expect(await debtOf(younger)).toBe(0)
    expect(await debtOf(older)).toBe(0)
    expect(pointsOf(one, older, younger)).toBe(5)

    const later = sell(two, { member: younger, total: 3_000, points: 30 })
    sell(two, { member: younger, total: 30, pointsTender: 30, spend: allOf(later) })
    refund(two, later)
    await two.sync()
    expect(await debtOf(older)).toBe(25)
    expect([two.owedBy(older), two.owedBy(younger)]).toEqual([25, 0])
    giveBack(one, allOf(grantPoints(one, older, 30)))
    await one.sync()
    expect(pointsOf(one, older, younger)).toBe(5)
    await proved(all)
  })

  it('their stamps fill one card together, once', async () => {
    const all = await scene(shared())
    const { one, two } = all
    const { older, younger } = enrolTwice(all)
    giveBack(one, allOf(sell(one, { member: older, total: 600, stamps: 6 })))
    giveBack(two, allOf(sell(two, { member: younger, total: 600, stamps: 6 })))
    await one.sync()
    await two.sync()
    await one.pull()
    const stamps = () => one.freeOf(older, COFFEE) + one.freeOf(younger, COFFEE)
    const lattes = () => [...one.lotsOf(older, LATTE), ...one.lotsOf(younger, LATTE)].length
    expect({ stamps: stamps(), lattes: lattes() }).toEqual({ stamps: 2, lattes: 2 })
    giveBack(two, allOf(sell(two, { member: younger, total: 600, stamps: 8 })))
    await two.sync()
    await one.pull()
    expect({ stamps: stamps(), lattes: lattes() }).toEqual({ stamps: 0, lattes: 3 })
    await proved(all)
  })

  it('three of them, in whatever order they come: one root', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const all = await scene(shared())
      const three = await SyncCounter.join(all.server, 'Counter 3')
      const counters = [all.one, all.two, three]
      const ids = counters.map((counter) => enrolMember(counter, undefined, { phone: all.phone }).member)
      counters.forEach((counter, n) => void sell(counter, { member: ids[n]!, total: 2_000 }))
      for (const n of order) await counters[n]!.sync()
      for (const counter of counters) {
        await counter.pull()
        expect(ids.map((id) => counter.member(id)?.root)).toEqual([null, ids[0], ids[0]])
        expect(counter.member(ids[0]!)).toMatchObject({ spent: 6_000, tier: 'silver' })
        expect(counter.member(ids[0]!)?.recent).toHaveLength(3)
        expect(pointsOf(counter, ...ids)).toBe(WELCOME)
      }
      await proved(all)
    }
  })

  it('a phone written with its country code is the same phone; no phone is nobody’s', async () => {
    const all = await scene(shared())
    const { one, two, phone } = all
    const older = enrolMember(one, undefined, { phone }).member
    const younger = enrolMember(two, undefined, { phone: `+886 ${phone.slice(1)}` }).member
    const nobody = enrolMember(one, undefined, { phone: '' }).member
    const noOne = enrolMember(two, undefined, { phone: '' }).member
    await one.sync()
    await two.sync()
    expect(two.member(younger)).toMatchObject({ root: older })
    expect([nobody, noOne].map((id) => two.member(id)?.root)).toEqual([null, null])
  })

  it('a notice goes to whoever of them LINE knows, and says what they have together', async () => {
    const all = await scene(shared())
    const { server, one, two } = all
    const { older, younger } = enrolTwice(all)
    await one.sync()
    await two.sync()
    const { db } = server.database
    const bind = (member: MemberId, user: string) =>
      db.updateTable('personal').set({ line_user: user }).where('member', '=', member).execute()
    await bind(younger, `U-${younger}`)
    const first = sell(one, { member: older, total: 500, points: 5 })
    giveBack(one, allOf(first))
    await one.sync()
    await bind(older, `U-${older}`)
    const second = sell(two, { member: younger, total: 500, points: 5 })
    giveBack(two, allOf(second))
    await two.sync()
    const told = await db
      .selectFrom('outbox')
      .select(['event_id', 'line_user', 'messages'])
      .where('member', 'in', [older, younger])
      .orderBy('event_id')
      .execute()
    expect(told.map(({ event_id, line_user }) => [event_id, line_user])).toEqual([
      [first.id, `U-${younger}`],
      [second.id, `U-${younger}`],
    ])
    expect(told[1]?.messages).toContain(`${WELCOME + 10} 點`)
  })
})

it('two at the same moment, through two servers on one PostgreSQL, are not missed', async () => {
  const first = await startServer('postgres')
  const second = await startServerOn(first.location)
  for (let round = 0; round < 5; round += 1) {
    const phone = newPhone()
    const counters = [
      await SyncCounter.join(first, `Counter ${round}a`),
      await SyncCounter.join(second, `Counter ${round}b`),
    ]
    const ids = counters.map((counter) => enrolMember(counter, undefined, { phone }).member)
    await Promise.all(counters.map((counter) => counter.push()))
    const rows = await first.database.db
      .selectFrom('member')
      .select('root')
      .where('id', 'in', ids)
      .orderBy('id')
      .execute()
    expect(rows.map(({ root }) => root)).toEqual([null, ids[0]])
  }
  await sound(first)
})
