import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { EpochId, StampCardId } from '#core/ids.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { claimInfo, pointsOf, takeClaim } from './claim.ts'
import { readClaim } from './token.ts'
import { memberOfLineUser } from '#server/member/line-member.ts'
import { MOST_EARNED } from '#core/ledger/limits.ts'
import { balanceOf, sound } from '#test/support/books.ts'
import { openShopServer, STORE, type Sale, type ShopServer } from '#test/support/receipt-shop.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { canLendEarly } from './early.ts'

const WANG = { lineUser: 'U1', name: '王小明' }
const CHEN = { lineUser: 'U2', name: '陳小美' }

describe.each(ENGINES)('a claim before its sale, on %s', (engine) => {
  let now = 0
  let server: ShopServer
  beforeEach(async () => {
    now = Date.parse('2026-11-22T06:00:00Z')
    server = await openShopServer(engine, () => now)
  })
  afterEach(() => server.drop())

  const printed = async ({ token }: Sale) => {
    const read = await readClaim(server.database.db, token)
    if ('bad' in read) throw new Error(read.bad)
    return { claim: read.claim, store: STORE }
  }
  const take = async (sale: Sale, who = WANG) => takeClaim(server.ledger, await printed(sale), who)
  const stateOf = async (sale: Sale) => {
    const shop = await server.ledger.readShop(server.database.db)
    if (!shop) throw new Error('there is no shop')
    return (await claimInfo(server.database.db, shop, now, await printed(sale), await memberOf(WANG))).state
  }
  const memberOf = async ({ lineUser }: typeof WANG) => memberOfLineUser(server.database.db, lineUser)
  const pointsOfWang = async () => pointsOf(server.database.db, await memberOf(WANG))
  const loans = () =>
    server.database.db.selectFrom('loan').select(['reason', 'asset', 'amount', 'repaid']).orderBy('asset').execute()
  const riskOf = (asset: string) => balanceOf(server, `risk:${STORE}:${asset}`)

  it('is honoured on the counter’s signature; the store lends, and the sale pays it back', async () => {
    const sale = server.shop.sale({ points: 4, stamps: 1 })
    expect(await stateOf(sale)).toBe('open')
    await take(sale)
    expect(await stateOf(sale)).toBe('claimedByYou')
    // The welcome gift of 5 beside it.
    expect(await pointsOfWang()).toBe(9)
    expect(await loans()).toEqual([
      { reason: 'earlyClaim', asset: 'points', amount: 4, repaid: 0 },
      { reason: 'earlyClaim', asset: 'stamp:coffee', amount: 1, repaid: 0 },
    ])
    expect(await riskOf(POINTS)).toBe(-4)
    await sound(server)

    await server.shop.sync()
    expect(await pointsOfWang()).toBe(9)
    expect((await loans()).map(({ amount, repaid }) => amount - repaid)).toEqual([0, 0])
    expect(await riskOf(POINTS)).toBe(0)
    expect(await riskOf(stampAsset(StampCardId.parse('coffee')))).toBe(0)
    await sound(server)
  })

  it('gives the stamps that its paper had no room for when the sale comes, and takes them back with it', async () => {
    const sale = server.shop.sale({ points: 4, stamps: 1, cakes: 3 })
    await take(sale)
    await server.shop.sync()
    const member = await memberOf(WANG)
    const held = async (asset: string) => {
      const lots = server.database.db.selectFrom('lot').select(['free', 'expires_on']).where('asset', '=', asset)
      return (await lots.where('member', '=', member ?? '').execute()).filter(({ free }) => free > 0)
    }
    // A full card is turned into what it is for at once.
    expect(await held('stamp:cake')).toEqual([])
    expect(await held('coupon:free-coffee')).toHaveLength(1)
    expect(await held('stamp:coffee')).toHaveLength(1)
    const waiting = server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'claim:%')
    expect((await waiting.execute()).every(({ amount }) => amount === 0)).toBe(true)
    await sound(server)

    server.shop.voidSale(sale)
    await server.shop.sync()
    expect(await stateOf(sale)).toBe('voided')
    expect(await held('stamp:coffee')).toEqual([])
    await sound(server)
  })

  it.each(['own', 'consequence'] as const)(
    'takes the stamps of both cards back when the sale is voided (%s), before it has come or after',
    async (mode) => {
      const apart = server.shop.sale({ points: 4, stamps: 1, cakes: 1 })
      await take(apart)
      if (mode === 'consequence') await server.shop.sync()
      server.shop.voidSale(apart, mode)
      await server.shop.sync()
      const together = server.shop.sale({ points: 4, stamps: 1, cakes: 1 })
      await take(together)
      server.shop.voidSale(together, mode)
      await server.shop.sync()
      const stamps = server.database.db.selectFrom('lot').select(['asset', 'free']).where('asset', 'like', 'stamp:%')
      expect((await stamps.execute()).filter(({ free }) => free > 0)).toEqual([])
      const owed = server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'debt:%')
      expect((await owed.execute()).filter(({ amount }) => amount !== 0)).toEqual([])
      await sound(server)
    },
  )

  it('is honoured once, for whoever is first', async () => {
    const sale = server.shop.sale({ points: 4 })
    await Promise.all([take(sale), take(sale, CHEN), take(sale)])
    const honoured = server.database.db.selectFrom('event').select('id').where('kind', '=', 'claim.honoured')
    expect(await honoured.execute()).toHaveLength(1)
    await server.shop.sync()
    await take(sale, CHEN)
    expect(await honoured.execute()).toHaveLength(1)
    await sound(server)
  })

  it.each(['own', 'consequence'] as const)(
    'gives its points back when the sale is voided (%s), spent or not',
    async (mode) => {
      const kept = server.shop.sale({ points: 4 })
      const spent = server.shop.sale({ points: 7 })
      await take(kept)
      await take(spent)
      now += 400 * 86_400_000
      // All of it runs out: what is taken back then is owed.
      await expireLots(server.database, server.ledger, now)
      now -= 400 * 86_400_000
      server.shop.voidSale(kept, mode)
      server.shop.voidSale(spent, mode)
      await server.shop.sync()
      expect(await stateOf(kept)).toBe('voided')
      expect(await riskOf(POINTS)).toBe(0)
      expect((await loans()).every(({ amount, repaid }) => amount === repaid)).toBe(true)
      expect(await pointsOfWang()).toBe(0)
      await sound(server)
    },
  )

  it.each(['own', 'consequence'] as const)(
    'is not taken from other points when it has run out before the sale is voided (%s)',
    async (mode) => {
      const sale = server.shop.sale({ points: 40 })
      await take(sale)
      now += 400 * 86_400_000
      await expireLots(server.database, server.ledger, now)
      await take(server.shop.sale({ points: 100 }))
      server.shop.voidSale(sale, mode)
      await server.shop.sync()
      expect(await pointsOfWang()).toBe(100)
      await sound(server)
    },
  )

  it('is lent to so many of one counter; more wait for their sales', async () => {
    for (let n = 0; n < 50; n += 1) await take(server.shop.sale({ points: 1 }))
    const more = server.shop.sale({ points: 1 })
    expect(await stateOf(more)).toBe('unsynced')
    await take(more)
    expect((await loans()).length).toBe(50)
    await server.shop.sync()
    await take(more)
    expect(await stateOf(more)).toBe('claimedByYou')
    await sound(server)
  })

  it('R11: is lent to a counter’s next epoch, whatever is still out for those that are closed', async () => {
    const { db } = server.database
    server.shop.sale({ points: 1 })
    await server.shop.sync()
    for (let n = 0; n < 50; n += 1) await take(server.shop.sale({ points: 1 }))
    const { claim } = await printed(server.shop.sale({ points: 1 }))
    const next = { ...claim, epoch: EpochId.parse('0Z9Y8X') }
    expect(await canLendEarly(db, next)).toBe(false)
    await db.updateTable('terminal_epoch').set({ closed_at: now, closed_reason: 'lost' }).execute()
    expect(await canLendEarly(db, next)).toBe(true)
    expect(await canLendEarly(db, claim)).toBe(false)
  })

  it('waits for its sale when it promises more than can be true', async () => {
    const sale = server.shop.sale({ points: MOST_EARNED + 1 })
    await take(sale)
    expect(await stateOf(sale)).toBe('unsynced')
    expect(await loans()).toEqual([])
  })

  it('waits for its sale when the counter is frozen or its epoch is closed', async () => {
    const sale = server.shop.sale({ points: 4 })
    await server.database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: 'lost' }).execute()
    expect(await stateOf(sale)).toBe('unsynced')
    await take(sale)
    expect(await loans()).toEqual([])
  })

  it('R11: of a frozen counter can still be taken when its sale comes after its last day, until the day after', async () => {
    const [sale, other] = [server.shop.sale({ points: 4 }), server.shop.sale({ points: 4 })]
    await server.database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: 'lost' }).execute()
    await take(sale)
    expect(await stateOf(sale)).toBe('unsynced')
    now += 40 * 86_400_000
    // The counter is found, and pushes.
    await server.shop.sync()
    await take(sale)
    expect(await stateOf(sale)).toBe('claimedByYou')
    now += 86_400_000
    expect(await stateOf(other)).toBe('open')
    now += 86_400_000
    expect(await stateOf(other)).toBe('expired')
    await sound(server)
  })
})
