/** One bad event never blocks the rest; gaps, forks and repeats are told apart (docs/rules.md, sync; R11). */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { StoreId } from '#core/ids.ts'
import { freeOf, heldBy, redeemed } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { Hash, hashOf } from '#core/ledger/event.ts'
import { quarantineOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { sharedServer } from '#test/support/sync-server.ts'
import { epochsHere } from './chain.ts'

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)

  it('keeps what is torn under its place, and goes on', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    sell(counter, { total: 100 })
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    sell(counter, { member, total: 300 })
    await counter.sync()

    expect(counter.ack).toBe(4)
    expect(await quarantineOf(server, counter.holder)).toMatchObject([{ seq: 3, reason: 'badHash' }])
    expect(counter.member(member)?.spent).toBe(300)
    expect(counter.outcomes()).toEqual([
      { event: `${counter.holder.epoch}.3`, status: 'quarantined', reason: 'badHash' },
    ])
  })

  it('quarantines what it cannot read, or has no place here', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const bad = (text: string) => {
      counter.seq += 1
      const hash = hashOf(text)
      counter.head = hash
      counter.unsent.push({ seq: counter.seq, hash, text })
    }
    bad('{"not": "an event"}')
    bad('\u0000\u0000 no text at all')
    const sale = sell(counter, { total: 100 })
    bad(
      JSON.stringify({
        ...sale,
        seq: 5,
        previous: counter.head,
        body: { ...('body' in sale ? sale.body : {}), note: 'a\u0000b' },
      }),
    )
    counter.append({
      kind: 'tier.changed',
      body: { cause: null, member: enrolMember(counter).member, from: 'basic', to: 'gold' },
      lots: [],
      transfers: [],
    })
    counter.append(
      { kind: 'epoch.opened', body: { before: null }, lots: [], transfers: [] },
      { store: StoreId.parse('s2') },
    )
    counter.append({ kind: 'epoch.opened', body: { before: null }, lots: [], transfers: [] }, { id: sale.id })
    const cut = counter.unsent.at(-1)!
    counter.head = Hash.parse('0'.repeat(64))
    sell(counter, { total: 50 })
    expect(cut.seq).toBe(9)
    await counter.sync()
    expect(await quarantineOf(server, counter.holder)).toMatchObject([
      { seq: 2, reason: 'unreadable' },
      { seq: 3, reason: 'unreadable' },
      { seq: 5, reason: 'unreadable' },
      { seq: 7, reason: 'notACountersEvent' },
      { seq: 8, reason: 'wrongPlace' },
      { seq: 9, reason: 'duplicateId' },
      { seq: 10, reason: 'wrongPrevious' },
    ])
    expect(counter.ack).toBe(10)
  })

  it("refuses to take what is not the writer's", async () => {
    const server = shared()
    const one = await SyncCounter.join(server, 'Counter 1')
    const two = await SyncCounter.join(server, 'Counter 2')
    const { member } = enrolMember(one)
    const granted = grantPoints(one, member, 50)
    await one.sync()
    const [lot] = granted.lots
    if (!lot) throw new Error('a lot is expected')

    const take = (from: ReturnType<typeof heldBy>, amount: number) => ({
      kind: 'coupon.redeemed' as const,
      body: { member, lot: lot.id, asset: POINTS, note: '' },
      lots: [],
      transfers: [{ asset: POINTS, from, to: redeemed(POINTS), amount }],
    })
    two.append(take(heldBy(lot.id, one.holder), 10))
    two.append(take(freeOf(lot.id), 10))
    two.append(take(heldBy(lot.id, two.holder), 10))
    await two.sync()
    one.append(take(heldBy(lot.id, one.holder), 51))
    one.append(take(heldBy(lot.id, one.holder), 50))
    await one.sync()

    const reasons = [...(await quarantineOf(server, one.holder)), ...(await quarantineOf(server, two.holder))].map(
      (row) => row.reason,
    )
    expect(reasons.toSorted()).toEqual(['notYours', 'notYours', 'overdrawn', 'overdrawn'])
    expect(one.lot(lot.id)).toMatchObject({ free: 0, held: [] })
    await sound(server)
  })

  it('takes a repeated push for the same one, and names the gap', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    sell(counter, { member, total: 100, points: 1 })
    const first = [...counter.unsent]
    await counter.push()
    expect((await counter.push(first)).stored).toBe(3)
    counter.unsent = []
    sell(counter, { member, total: 100 })
    sell(counter, { member, total: 100 })
    const { error } = await safe(counter.push(counter.unsent.slice(1)))
    expect(error).toMatchObject({ code: 'GAP', data: { expected: 4 } })
    const overlapping = [...first.slice(1), ...counter.unsent]
    expect((await counter.push(overlapping)).stored).toBe(5)
    await counter.pull()
    expect(counter.member(member)?.spent).toBe(300)
  })

  it('freezes a counter whose chain forks, and keeps both branches', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    sell(counter, { total: 100 })
    await counter.push()
    counter.unsent = []
    counter.seq = 1
    sell(counter, { total: 200 })
    sell(counter, { total: 300 })
    const { error } = await safe(counter.push())
    expect(error).toMatchObject({ code: 'FORKED', data: { seq: 2 } })
    expect(await quarantineOf(server, counter.holder)).toMatchObject([
      { seq: 2, reason: 'forked' },
      { seq: 3, reason: 'forked' },
    ])
    const pulled = await safe(counter.pull())
    expect(pulled.error).toMatchObject({ code: 'FROZEN', data: { reason: 'forked' } })
    expect((await safe(counter.push())).error).toMatchObject({ code: 'FORKED' })
  })

  it('takes what follows on another head than its chain’s for a fork', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    sell(counter, { total: 100 })
    await counter.push()
    counter.seq = 1
    sell(counter, { total: 200 })
    counter.unsent = []
    sell(counter, { total: 300 })
    sell(counter, { total: 400 })
    const { error } = await safe(counter.push())
    expect(error).toMatchObject({ code: 'FORKED', data: { seq: 3 } })
    expect(await quarantineOf(server, counter.holder)).toMatchObject([
      { seq: 3, reason: 'forked' },
      { seq: 4, reason: 'forked' },
    ])
  })

  it('says of which epochs it has all: in the chain, put aside, or in a fork’s branch', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { epoch, terminal } = counter.holder
    const here = async () => {
      const { seq, head: hash } = counter
      const ends = [{ epoch, seq, hash: Hash.parse(hash) }]
      return (await epochsHere(server.database.db, terminal, ends)).length === 1
    }
    const { member } = enrolMember(counter)
    await counter.push()
    expect(await here()).toBe(true)
    counter.unsent = []
    sell(counter, { member, total: 100 })
    const [torn] = counter.unsent
    expect(await here()).toBe(false)
    await counter.push([{ ...torn!, text: '{' }])
    expect(await here()).toBe(true)
    counter.unsent = []
    counter.seq = 1
    sell(counter, { total: 200 })
    sell(counter, { total: 300 })
    expect(await here()).toBe(false)
    await safe(counter.push())
    expect(await here()).toBe(true)
  })

  it('accepts its own inverse of what was never sent, once', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    const sale = sell(counter, { member, total: 1_000, points: 10 })
    refund(counter, sale, 'own')
    refund(counter, sale, 'own')
    const anonymous = sell(counter, { total: 500, claim: { points: 5 } })
    refund(counter, anonymous, 'own')
    await counter.sync()
    expect(await quarantineOf(server, counter.holder)).toMatchObject([{ seq: 5, reason: 'notOwnReversal' }])
    expect(counter.member(member)?.spent).toBe(0)
    const claim = await server.database.db
      .selectFrom('claim')
      .select('state')
      .where('id', '=', anonymous.id)
      .executeTakeFirst()
    expect(claim).toEqual({ state: 'voided' })
    await sound(server)
  })

  it('takes a grant in as it was made, once', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    giveBack(counter, allOf(grantPoints(counter, member, 100)))
    await counter.sync()
    const granted = await counter.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 30 }])
    counter.accept(granted)
    const [part] = granted.parts
    if (!part) throw new Error('a part is expected')
    counter.accept({ ...granted, parts: [{ ...part, amount: part.amount + 1 }] })
    await counter.sync()
    const rows = await quarantineOf(server, counter.holder)
    expect(rows.map((row) => row.reason)).toEqual(['grantMismatch', 'grantMismatch'])
    expect(counter.grants).toEqual([])
    await sound(server)
  })

  it('holds personal data to its digest', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const personal = enrolMember(counter)
    const { member } = personal
    counter.personal = [{ ...personal, profile: { ...personal.profile, name: '別人' } }]
    await counter.sync()
    expect(counter.member(member)?.name).toBe('')
    counter.personal = [personal]
    await counter.sync()
    expect(counter.member(member)?.name).toBe('林怡婷')
  })
})
