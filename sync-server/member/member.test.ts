import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BASE64URL } from '#core/claim/base64url.ts'
import { checkCharacter } from '#core/scan/check.ts'
import { MEMBER_PREFIX, type memberContract } from '#core/contract/member.ts'
import { expireClaims } from '#server/claims/expire.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { lineIdTokens } from '#server/line/id-token.ts'
import { demoSignIn } from '#server/line/demo-sign-in.ts'
import type { SignInBy } from '#server/line/sign-in.ts'
import { sound } from '#test/support/books.ts'
import { type FakeLine, startFakeLine } from '#test/support/fake-line.ts'
import { openShopServer, type ReceiptShop } from '#test/support/receipt-shop.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { rateLimit } from '#server/http/rate-limit.ts'
import { memberRoutes } from './routes.ts'

const DAY = 86_400_000

describe.each(ENGINES)('a claim on %s', (engine) => {
  let now = 0
  const clock = () => now
  let database: ServerDatabase
  let drop: () => Promise<void>
  let ledger: Ledger
  let shop: ReceiptShop
  let line: FakeLine
  let app: FastifyInstance
  let client: ContractRouterClient<typeof memberContract>

  beforeEach(async () => {
    now = Date.parse('2026-11-22T06:00:00Z')
    ;({ database, ledger, shop, drop } = await openShopServer(engine, clock))
    line = await startFakeLine(clock)
    const tokens = lineIdTokens({ baseUrl: line.url, channelId: line.loginChannelId, timeoutMs: 500 })
    ;({ app, client } = await serve({ by: 'line', liffId: '1650000000-abcdefgh', tokens }))
  })
  afterEach(async () => {
    await app.close()
    await line.close()
    await drop()
  })

  async function serve(signIn: SignInBy, burst = 1000) {
    const served = fastify()
    const limit = rateLimit({ burst, perMinute: burst }, clock)
    await memberRoutes(served, { db: database.db, ledger, clock, signIn, limit, pages: '/nowhere' })
    const origin = await served.listen({ port: 0, host: '127.0.0.1' })
    return { app: served, client: createORPCClient<typeof client>(new RPCLink({ url: `${origin}${MEMBER_PREFIX}` })) }
  }

  const signedIn = (name: string) => {
    const user = line.addUser(name)
    return { user, idToken: line.idToken(user) }
  }

  it('tells what waits, and makes its member of whoever takes it first', async () => {
    const sale = shop.sale({ amount: 450, points: 4, stamps: 1 })
    await shop.sync()
    const open = await client.claim.info({ token: sale.token, idToken: null })
    expect(open).toEqual({
      shop: '晨光咖啡',
      store: '信義店',
      points: 4,
      stamps: 1,
      amount: 450,
      money: { currency: 'TWD', decimals: 0, symbol: 'NT$' },
      receiptNumber: 1,
      businessDate: '2026-11-22',
      expiresOn: '2026-11-29',
      state: 'open',
    })
    const { user, idToken } = signedIn('王小明')
    const taken = await client.claim.take({ token: sale.token, idToken })
    expect(taken).toEqual({ claim: { ...open, state: 'claimedByYou' }, points: 9 })

    const member = await database.db
      .selectFrom('personal')
      .innerJoin('member', 'member.id', 'personal.member')
      .selectAll()
      .executeTakeFirstOrThrow()
    expect(member).toMatchObject({
      name: '王小明',
      line_user: user,
      on_line: 1,
      blocked: 0,
      tier: 'basic',
      joined_on: '2026-11-22',
    })
    const lots = await database.db.selectFrom('lot').selectAll().orderBy('id').execute()
    expect(lots.map(({ asset, quantity, expires_on }) => [asset, quantity, expires_on])).toEqual([
      ['points', 5, '2027-11-22'],
      ['coupon:welcome', 1, '2026-12-22'],
      ['points', 4, '2027-11-22'],
      ['stamp:coffee', 1, '2027-05-21'],
    ])
    expect(await database.db.selectFrom('outbox').select(['kind', 'line_user']).execute()).toEqual([
      { kind: 'claimHonoured', line_user: user },
    ])
    const cursor = await readCursor(database.db)
    expect(member.seq).toBe(cursor.seq)
    await sound({ database })
  })

  it('is honoured once, however often it is taken', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const mine = signedIn('王小明')
    const others = signedIn('王小美')
    const first = await client.claim.take({ token: sale.token, idToken: mine.idToken })
    const again = await client.claim.take({ token: sale.token, idToken: mine.idToken })
    expect(again).toEqual(first)
    const late = await client.claim.take({ token: sale.token, idToken: others.idToken })
    expect(late).toMatchObject({ claim: { state: 'claimed' }, points: 0 })
    expect(await client.claim.info({ token: sale.token, idToken: null })).toMatchObject({ state: 'claimed' })
    expect(await client.claim.info({ token: sale.token, idToken: mine.idToken })).toMatchObject({
      state: 'claimedByYou',
    })
    const members = await database.db.selectFrom('member').select('name').execute()
    expect(members).toEqual([{ name: '王小明' }])
    await sound({ database })
  })

  it('goes to one of many who take it at the same time, and makes one member of one person', async () => {
    const [one, other] = [shop.sale({ points: 4 }), shop.sale({ points: 7 })]
    await shop.sync()
    const crowd = Array.from({ length: 6 }, (_, n) => signedIn(`客人 ${n}`))
    const taken = await Promise.all(crowd.map(({ idToken }) => client.claim.take({ token: one.token, idToken })))
    expect(taken.map(({ claim }) => claim.state).toSorted()).toEqual([...Array(5).fill('claimed'), 'claimedByYou'])

    const newcomer = signedIn('王小美')
    const third = shop.sale({ points: 2 })
    await shop.sync()
    await Promise.all(
      [other, third, other, third].map(({ token }) => client.claim.take({ token, idToken: newcomer.idToken })),
    )
    const bound = await database.db.selectFrom('personal').selectAll().where('line_user', '=', newcomer.user).execute()
    expect(bound).toHaveLength(1)
    expect(await client.claim.take({ token: other.token, idToken: newcomer.idToken })).toMatchObject({
      points: 5 + 7 + 2,
    })
    await sound({ database })
  })

  it('adds up for a member who comes back, and fills their stamp card', async () => {
    const { idToken } = signedIn('王小明')
    for (const points of [1, 2, 3]) {
      const sale = shop.sale({ points, stamps: 1 })
      await shop.sync()
      await client.claim.take({ token: sale.token, idToken })
    }
    const rewards = await database.db
      .selectFrom('lot')
      .select('asset')
      .where('asset', '=', 'coupon:free-coffee')
      .execute()
    expect(rewards).toHaveLength(1)
    const stamps = await database.db
      .selectFrom('lot')
      .select('free')
      .where('asset', '=', 'stamp:coffee')
      .where('free', '>', 0)
      .execute()
    expect(stamps).toEqual([])
    expect(await database.db.selectFrom('member').selectAll().execute()).toHaveLength(1)
    await sound({ database })
  })

  it('of a frozen counter waits for its sale, and can be taken once that has come', async () => {
    const sale = shop.sale({ points: 4, amount: 450 })
    const { idToken } = signedIn('王小明')
    await database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: 'lost' }).execute()
    expect(await client.claim.info({ token: sale.token, idToken: null })).toMatchObject({
      state: 'unsynced',
      points: 4,
      amount: 450,
      store: '信義店',
    })
    expect(await client.claim.take({ token: sale.token, idToken })).toMatchObject({
      claim: { state: 'unsynced' },
      points: 0,
    })
    expect(await database.db.selectFrom('member').selectAll().execute()).toEqual([])
    await shop.sync()
    expect(await client.claim.take({ token: sale.token, idToken })).toMatchObject({ claim: { state: 'claimedByYou' } })
  })

  it('runs out at the end of its last day, by the shop’s calendar', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const unsent = shop.sale({ points: 4 })
    const { idToken } = signedIn('王小明')
    now = Date.parse('2026-11-30T03:59:59+08:00')
    expect(await client.claim.info({ token: sale.token, idToken: null })).toMatchObject({ state: 'open' })
    now += 1000
    for (const { token } of [sale, unsent]) {
      expect(await client.claim.take({ token, idToken })).toMatchObject({ claim: { state: 'expired' }, points: 0 })
    }
    expect(await expireClaims(database, ledger, now)).toBe(1)
    expect(await expireClaims(database, ledger, now)).toBe(0)
    expect(await client.claim.take({ token: sale.token, idToken })).toMatchObject({ claim: { state: 'expired' } })
    const gone = await database.db.selectFrom('balance').selectAll().where('account', '=', 'expired:points').execute()
    expect(gone).toMatchObject([{ amount: 4 }])
    await sound({ database })
  })

  it('R12: that runs out while a restored server waits for its counters is good until the day after', async () => {
    const at = (time: string) => (now = Date.parse(`2026-${time}+08:00`))
    at('11-20T12:00:00')
    const gone = shop.sale({ points: 3 })
    at('11-22T12:00:00')
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const stateOf = async ({ token }: typeof sale) => (await client.claim.info({ token, idToken: null })).state
    const restored = { epoch: '0A1B2D', seq: 1, at: at('11-28T12:00:00'), settled_at: null }
    await database.db.insertInto('restored').values(restored).execute()
    at('12-02T12:00:00')
    expect(await expireClaims(database, ledger, now)).toBe(0)
    expect([await stateOf(gone), await stateOf(sale)]).toEqual(['expired', 'restoring'])

    await database.db.updateTable('restored').set({ settled_at: now }).execute()
    at('12-04T03:59:59')
    expect(await expireClaims(database, ledger, now)).toBe(1)
    expect([await stateOf(gone), await stateOf(sale)]).toEqual(['expired', 'open'])
    now += 1000
    expect(await stateOf(sale)).toBe('expired')
    now -= 1000
    const { idToken } = signedIn('王小明')
    expect(await client.claim.take({ token: sale.token, idToken })).toMatchObject({ claim: { state: 'claimedByYou' } })
    await sound({ database })
  })

  it('goes with its sale: voided before it is taken, clawed back after', async () => {
    const [early, late] = [shop.sale({ points: 4 }), shop.sale({ points: 7 })]
    await shop.sync()
    shop.voidSale(early)
    await shop.sync()
    const { idToken } = signedIn('王小明')
    expect(await client.claim.take({ token: early.token, idToken })).toMatchObject({
      claim: { state: 'voided' },
      points: 0,
    })
    await client.claim.take({ token: late.token, idToken })
    shop.voidSale(late)
    await shop.sync()
    expect(await client.claim.take({ token: late.token, idToken })).toMatchObject({ points: 5 })
    await sound({ database })
  })

  it('ends well when it is taken at the very moment its sale is voided', async () => {
    for (let round = 0; round < 8; round++) {
      const sale = shop.sale({ points: 4 })
      await shop.sync()
      shop.voidSale(sale)
      const { idToken } = signedIn(`客人 ${round}`)
      const [taken] = await Promise.all([client.claim.take({ token: sale.token, idToken }), shop.sync()])
      expect(taken.claim.state).toMatch(/^(claimedByYou|voided)$/)
      const welcomeOnly = await client.claim.take({ token: sale.token, idToken })
      expect(welcomeOnly.points).toBe(taken.claim.state === 'voided' ? 0 : 5)
    }
    await sound({ database })
  })

  it('is told apart when damaged, forged, from elsewhere or too new', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const reasonOf = (token: string) =>
      client.claim.info({ token, idToken: null }).then(
        () => 'accepted',
        (error) => error.data?.reason,
      )
    expect(await reasonOf(`${sale.token.slice(0, -1)}~`)).toBe('damaged')
    expect(await reasonOf(sale.token.slice(0, 40))).toBe('damaged')
    expect(await reasonOf(forge(sale.token, 30))).toBe('forged')
    expect(await reasonOf(forge(sale.token, -1))).toBe('forged')
    expect(await reasonOf(forge(sale.token, 17))).toBe('unknownTerminal')
    expect(await reasonOf(forge(sale.token, 0))).toBe('newer')
  })

  it('believes LINE, not the page', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const { user } = signedIn('王小明')
    for (const idToken of [
      user,
      'nonsense',
      line.idToken(user, { expired: true }),
      line.idToken(user, { audience: 'another' }),
      demoSignIn().tokenFor('王小明'),
    ]) {
      await expect(client.claim.take({ token: sale.token, idToken })).rejects.toMatchObject({
        code: 'NOT_SIGNED_IN',
        data: { reason: 'invalidToken' },
      })
    }
    await expect(client.demoSignIn({ name: '王小明' })).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    await line.close()
    await expect(client.claim.take({ token: sale.token, idToken: 'x' })).rejects.toMatchObject({
      data: { reason: 'lineUnreachable' },
    })
    expect(await client.claim.info({ token: sale.token, idToken: null })).toMatchObject({ state: 'open' })
  })

  it('works with the demo sign-in of a dry run', async () => {
    const demo = await serve({ by: 'demo', demo: demoSignIn() })
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    expect(await demo.client.signIn()).toEqual({ shop: '晨光咖啡', liffId: null, demo: true })
    const { idToken } = await demo.client.demoSignIn({ name: '王小明' })
    expect(await demo.client.claim.take({ token: sale.token, idToken })).toMatchObject({
      claim: { state: 'claimedByYou' },
    })
    await demo.app.close()
  })

  it('holds off a phone that hammers', async () => {
    const limited = await serve({ by: 'demo', demo: demoSignIn() }, 3)
    const { token } = shop.sale({ points: 4 })
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => limited.client.claim.info({ token, idToken: null })),
    )
    expect(asked.filter((one) => one.status === 'rejected').map((one) => one.reason.code)).toEqual([
      'TOO_MANY',
      'TOO_MANY',
    ])
    now += DAY
    await expect(limited.client.claim.info({ token, idToken: null })).resolves.toMatchObject({ state: 'open' })
    await limited.app.close()
  })
})

/** The token with one byte of its record changed, and its check character made right again. */
function forge(token: string, byte: number): string {
  const bytes = Buffer.from(token.slice(1, -1), 'base64url')
  const at = byte < 0 ? bytes.length + byte : byte
  bytes[at] = bytes[at]! ^ 2
  const text = `1${bytes.toString('base64url')}`
  return `${text}${checkCharacter(text, BASE64URL)}`
}
