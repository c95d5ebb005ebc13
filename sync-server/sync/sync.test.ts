/** A counter's day over real HTTP, on both engines. */
import { describe, expect, it } from 'vitest'
import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { GrantId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { PROTOCOL } from '#core/contract/sync.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { sharedServer } from '#test/support/sync-server.ts'

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)

  it('takes a day from enrolment to the return of what was earned', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member, profile } = enrolMember(counter)
    const sale = sell(counter, { member, total: 1_000, points: 10, stamps: 1 })
    giveBack(counter, allOf(sale))
    await counter.sync()

    expect(counter.ack).toBe(4)
    const state = counter.members().find(({ id }) => id === member)
    expect(state).toMatchObject({ id: member, name: '林怡婷', phone: profile.phone, tier: 'basic', spent: 1_000 })
    expect(state?.recent).toHaveLength(1)
    // The welcome gift (20 points and a coupon) and what the sale earned.
    expect(counter.freeOf(member, POINTS)).toBe(30)
    expect(counter.lotsOf(member, 'coupon:free-latte')).toHaveLength(1)
    await sound(server)
  })

  it('grants what is free, once an id, and takes the spend', async () => {
    const server = shared()
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    giveBack(counter, allOf(grantPoints(counter, member, 100)))
    await counter.sync()

    const grant = GrantId.parse(uuidv7())
    const wants = [{ kind: 'amount' as const, asset: POINTS, amount: 70 }]
    const granted = await counter.acquire(member, wants, grant)
    expect(granted.parts.reduce((sum, { amount }) => sum + amount, 0)).toBe(70)
    const again = await counter.client.acquire({ protocol: PROTOCOL, ...counter.holder, grant, member, wants })
    expect(again.granted).toEqual(granted)
    await counter.pull()
    expect(counter.grants).toEqual([granted])

    sell(counter, { member, total: 140, pointsTender: 140, spend: granted.parts })
    await counter.sync()
    expect(counter.grants).toEqual([])
    expect(counter.freeOf(member, POINTS)).toBe(50)
    await sound(server)
  })

  it('says what could be had and where the rest is', async () => {
    const server = shared()
    const one = await SyncCounter.join(server, 'Counter 1')
    const two = await SyncCounter.join(server, 'Counter 2')
    const { member } = enrolMember(one)
    await one.sync()
    await two.sync()
    await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 15 }])
    const { error } = await safe(one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 18 }]))
    expect(error).toMatchObject({
      code: 'SHORT',
      data: {
        code: 'insufficient',
        wanted: 18,
        usableHere: 5,
        total: 20,
        elsewhere: [{ counter: 'Counter 2', amount: 15 }],
      },
    })
  })
})
