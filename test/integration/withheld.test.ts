/** When the server holds back or has moved on: frozen counters, events it could not make sense of, cursors it forgot. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { freeOf, heldBy, issued, redeemed } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import { Amount, LotId, StampCardId } from '#core/ids.ts'
import { composeTerminal } from '#main/compose.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { sound } from '#test/support/books.ts'
import { expectAgreement, expectProved } from '#test/support/agreement.ts'
import { badLineTo } from '#test/support/bad-line.ts'
import {
  basket,
  card,
  errorData,
  memberWith,
  paperOf,
  points,
  refundAt,
  refusalOf,
  value,
} from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'
import { builtProgram } from '#test/support/shared.ts'
import { tempDir } from '#test/support/temp.ts'

/** The server's own command line, beside the running server. */
async function atServer({ dir }: Shop, ...command: string[]): Promise<void> {
  const env = { ...process.env, DATA_DIR: dir }
  await promisify(execFile)(process.execPath, [await builtProgram('admin'), ...command], { env })
}

describe('a frozen counter', () => {
  it('lends nothing, whether it hears of it in a round or at a sale', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'points', 60)
    const pay = (amount: number) =>
      refusalOf(one.screen.checkout.pay(basket(amount, { member, pay: [points(amount)] })))
    await atServer(shop, 'freeze', one.engine.counter.identity.terminal, '--reason', '平板電腦遺失')
    expect(await pay(50)).toMatchObject({ code: 'frozen', reason: '平板電腦遺失' })
    expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: '平板電腦遺失' })
    expect(await pay(50)).toMatchObject({ code: 'insufficient' })
    await shop.stopServer()
    await one.engine.sync.once()
    expect(await one.screen.status.get()).toMatchObject({ online: false })
    expect(await pay(50)).toMatchObject({ code: 'insufficient' })
  })

  it('stays so through a restart without a server, until the server lets it through', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'points', 60)
    const pay = () => one.screen.checkout.pay(basket(50, { member, pay: [points(50)] }))
    await atServer(shop, 'freeze', one.engine.counter.identity.terminal, '--reason', '平板電腦遺失')
    await one.engine.sync.once()
    await shop.stopServer()
    await one.restart()
    await one.signIn()
    await one.engine.sync.once()
    expect(await one.screen.status.get()).toMatchObject({ online: false, frozen: '平板電腦遺失' })
    expect(await refusalOf(pay())).toMatchObject({ code: 'insufficient' })
    // That the two do not understand each other does not say that nobody doubts this counter.
    await shop.startServer({ protocols: { oldest: 2, newest: 2 } })
    await atServer(shop, 'unfreeze', one.engine.counter.identity.terminal)
    await one.engine.sync.once()
    expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: 'outdatedCounter' })
    expect(await refusalOf(pay())).toMatchObject({ code: 'insufficient' })
    await shop.stopServer()
    await shop.startServer()
    await one.sync()
    await shop.stopServer()
    await one.restart()
    await one.signIn()
    expect(await one.screen.status.get()).toMatchObject({ online: false, frozen: null })
    expect((await pay()).lent).toMatchObject({ points: 50 })
  })

  it('is told why, gets nothing, and can still send', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 300)
    const { terminal } = one.engine.counter.identity
    await atServer(shop, 'freeze', terminal, '--reason', '平板電腦遺失')
    await one.engine.sync.once()
    expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: '平板電腦遺失' })

    const refused = await refusalOf(one.screen.checkout.pay(basket(100, { member, pay: [value(100)] })))
    expect(refused).toMatchObject({ code: 'insufficient', usableHere: 0, offline: true })
    const sale = await one.screen.checkout.pay(basket(600, { member }))
    await two.screen.checkout.pay(basket(700, { member }))
    await two.sync()
    await one.engine.sync.once()
    expect(one.engine.unsynced()).toBe(0)
    const arrived = await shop.server.database.db
      .selectFrom('event')
      .select('id')
      .where('id', '=', sale.event)
      .execute()
    expect(arrived).toHaveLength(1)
    expect((await one.screen.members.get({ member })).recent.map(({ total }) => total)).toEqual([600])

    await atServer(shop, 'unfreeze', terminal)
    await expectAgreement(shop)
    expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: null })
    await one.screen.checkout.pay(basket(100, { member, pay: [value(100)] }))
    await expectAgreement(shop)
  })
})

describe('a counter that knows its epoch to be over', () => {
  /** With value in its keeping, and a top-up made there. */
  async function keepingValue(shop: Shop, one: CounterAtWork) {
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const sale = await one.screen.checkout.pay(basket(500, { member }))
    const paid = { amount: Amount.parse(1_000), tender: 'cash' as const, received: Amount.parse(1_000) }
    const topUp = await one.screen.value.topUp({ id: freshId(), member, ...paid })
    await one.sync()
    await one.sync()
    const { inHand, total } = (await one.screen.members.get({ member })).storedValue
    expect(inHand).toBeGreaterThan(0)
    return { member, sale, topUp, inHand, total }
  }

  it('R11: spends nothing that has been handed out since, pays no top-up back, and sells on', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const { member, sale, topUp, inHand, total } = await keepingValue(shop, one)
    await closeEpoch(shop.server.ledger, one.engine.counter.ledger.holder, 'lost')
    await one.engine.sync.once()
    expect(await one.screen.status.get()).toMatchObject({ frozen: 'epochClosed' })
    await two.sync()
    await two.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    await two.sync()

    expect((await one.screen.members.get({ member })).storedValue).toMatchObject({ total, inHand: 0, usableHere: 0 })
    const paying = one.screen.checkout.pay(basket(inHand, { member, pay: [value(inHand)] }))
    expect(await refusalOf(paying)).toMatchObject({ code: 'insufficient', usableHere: 0 })
    expect(await refusalOf(refundAt(one, topUp.event))).toMatchObject({ code: 'valueNotHere' })
    // What it sells and undoes before it sends either, it undoes alone.
    const last = await one.screen.checkout.pay(basket(300, { member }))
    await refundAt(one, last.event)
    await refundAt(one, sale.event)
    await one.engine.sync.once()
    expect(one.engine.unsynced()).toBe(0)
    const { db } = shop.server.database
    expect(await db.selectFrom('quarantine').selectAll().execute()).toEqual([])
    expect(await db.selectFrom('loan').selectAll().whereRef('repaid', '<', 'amount').execute()).toEqual([])
    await sound(shop.server)
  })

  it('R11: spends nothing of what its disk’s twin keeps too', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const { member, inHand } = await keepingValue(shop, one)
    const clone = await one.clone()
    await clone.start()
    await clone.signIn()
    const pay = (counter: CounterAtWork) =>
      counter.screen.checkout.pay(basket(inHand, { member, pay: [value(inHand)] }))
    await pay(one)
    await one.sync()
    await clone.screen.checkout.pay(basket(70))
    await clone.engine.sync.once()
    expect(await clone.screen.status.get()).toMatchObject({ online: true, frozen: 'forked' })
    expect(await refusalOf(pay(clone))).toMatchObject({ code: 'insufficient', usableHere: 0 })
  })
})

describe('an event that takes what is not the counter’s', () => {
  it('is put aside and listed, and blocks nothing', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, POINTS, 20)
    const lot = await one.db
      .selectFrom('lot')
      .select('id')
      .where('member', '=', member)
      .where('asset', '=', POINTS)
      .executeTakeFirstOrThrow()
    const theft = { asset: Asset.parse(POINTS), from: freeOf(LotId.parse(lot.id)), to: redeemed(POINTS), amount: 1 }
    const body = { member, asset: POINTS, direction: 'deduct' as const, amount: 1, note: 'x' }
    const draft = { kind: 'member.adjusted' as const, body, lots: [], transfers: [theft] }
    await one.engine.counter.ledger.write((unit) =>
      unit.append(freshId(), draft, one.engine.counter.moment(), { staff: null, approvedBy: null }),
    )
    const sale = await one.screen.checkout.pay(basket(300, { member }))
    await one.sync()
    expect(await one.screen.status.get()).toMatchObject({ quarantined: 1, unsynced: 0 })
    const { db } = shop.server.database
    expect(await db.selectFrom('event').select('id').where('id', '=', sale.event).execute()).toHaveLength(1)
    expect(await db.selectFrom('quarantine').select('terminal').execute()).toEqual([
      { terminal: one.engine.counter.identity.terminal },
    ])
    await one.restart()
    expect((await one.screen.status.get()).quarantined).toBe(1)
  })
})

describe('a lot born in an event that is put aside', () => {
  it('keeps nobody else’s from going home with it', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const unlucky = await memberWith(shop, POINTS, 20)
    const member = await memberWith(shop, POINTS, 20, 1)
    const { holder } = one.engine.counter.ledger
    // Stamps all go home in one event: no policy keeps any here.
    const asset = stampAsset(StampCardId.parse('coffee'))
    const id = freshId()
    const terms = { source: 'issued' as const, paid: Amount.parse(0) }
    const birth = { id: LotId.parse(`${id}.0`), quantity: 5, issuedAt: 1, expiresOn: null, code: null }
    const lot = { ...birth, member: unlucky, asset, terms }
    const born = { asset, from: issued(asset), to: heldBy(lot.id, holder), amount: 5 }
    const theft = { asset, from: freeOf(lot.id), to: redeemed(asset), amount: 1 }
    const body = { member: unlucky, asset, direction: 'grant' as const, amount: 5, note: 'x' }
    const draft = { kind: 'member.adjusted' as const, body, lots: [lot], transfers: [born, theft] }
    await shop.stopServer()
    await one.engine.counter.ledger.write((unit) =>
      unit.append(id, draft, one.engine.counter.moment(), { staff: null, approvedBy: null }),
    )
    const { event } = await one.screen.checkout.pay(basket(500, { member }))
    await shop.startServer()
    await one.sync()
    const { db } = shop.server.database
    const stamps = db.selectFrom('lot').select(['free', 'held']).where('id', 'like', `${event}.%`)
    expect(await stamps.where('asset', '=', asset).execute()).toEqual([{ free: 1, held: '[]' }])
    expect((await db.selectFrom('quarantine').select('reason').execute()).length).toBe(2)
    await sound(shop.server)
  })
})

describe('a new counter', () => {
  it('starts with the whole shop as it is', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 300)
    await one.screen.checkout.pay(basket(500, { member, pay: [value(300), card(200)] }))
    await expectAgreement(shop)
    const three = await shop.addCounter()
    expect((await three.screen.members.get({ member })).storedValue).toMatchObject({
      total: (await one.screen.members.get({ member })).storedValue.total,
      elsewhere: [{ counter: 'Counter 1' }],
    })
    expect((await three.screen.shop.products()).length).toBe(24)
    await three.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
  })

  it('is refused with a code that is wrong or used, and told so', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const dataDir = tempDir()
    const terminal = await composeTerminal({ dataDir, keyStore: fileKeyStore(join(dataDir, 'key')) })
    onTestFinished(() => terminal.close())
    const enrol = (code: string, serverUrl = shop.server.url) => terminal.enrol({ serverUrl, code, counter: 'X' })
    expect(await enrol('NOSUCHCODE')).toEqual({ ok: false, reason: 'unknown' })
    expect(await enrol('NOSUCHCODE', 'http://127.0.0.1:9')).toEqual({ ok: false, reason: 'unreachable' })
    const code = await makeEnrolCode(shop.server.database.db, 's1', Date.now())
    expect(await Promise.all([enrol(code), enrol(code)])).toEqual([
      { ok: true },
      { ok: false, reason: 'alreadyEnrolled' },
    ])
    const again = one.screen.setup.enrol({ serverUrl: shop.server.url, code, counter: 'X' })
    expect(await errorData(again, 'NOT_JOINED')).toEqual({ reason: 'alreadyEnrolled' })
  })

  it('that cannot have its snapshot yet goes on asking, and can be closed meanwhile', async () => {
    const shop = await startShop({ counters: 2 })
    const dataDir = tempDir()
    const line = await badLineTo(shop.server.url)
    const errors: unknown[] = []
    const open = (serverUrl?: string) =>
      composeTerminal({
        dataDir,
        keyStore: fileKeyStore(join(dataDir, 'key')),
        serverUrl,
        onError: (error) => void errors.push(error),
      })
    const terminal = await open()
    const code = await makeEnrolCode(shop.server.database.db, 's1', Date.now())
    for (const fault of ['torn', 'hanging'] as const) {
      line.fault = fault
      const joining = terminal.enrol({ serverUrl: line.url, code, counter: 'Counter 9' })
      if (fault === 'torn') {
        expect(await joining).toEqual({ ok: true })
        expect(terminal.engine()).toBeNull()
        expect(errors.length).toBeGreaterThan(0)
      } else {
        expect(await joining).toEqual({ ok: false, reason: 'alreadyEnrolled' })
        await expect.poll(() => line.unanswered, { timeout: 30_000 }).toBeGreaterThan(0)
      }
    }
    await terminal.close()
    const whole = await open(shop.server.url)
    onTestFinished(() => whole.close())
    expect(whole.engine()?.counter.identity.counter).toBe('Counter 9')
  })
})

describe('a cursor that the server does not know any more', () => {
  it('is answered by taking everything anew; what was sold meanwhile stays', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 300)
    const release = one.engine.sync.hold(member)
    await refusalOf(one.screen.checkout.pay(basket(900, { member, pay: [value(200)] })))
    const all = (await one.screen.members.get({ member })).storedValue.total
    await two.screen.checkout.pay(basket(all - 200, { member, pay: [value(all - 200)] }))
    await shop.server.database.db.deleteFrom('commit_tag').execute()
    const sale = await one.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
    expect(sale.member?.storedValue.usableHere).toBeGreaterThanOrEqual(0)
    release()
    await expectAgreement(shop)
    await expectProved(one)
    expect((await one.screen.members.get({ member })).storedValue.total).toBe(0)
    expect(one.errors).toEqual([])
  })

  it('leaves what is known of members as it was while the line breaks under it', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 300)
    const known = await one.screen.members.get({ member })
    const line = await badLineTo(shop.server.url)
    await one.restart(line.url)
    await one.signIn()
    await shop.server.database.db.deleteFrom('commit_tag').execute()
    expect(await one.engine.sync.once()).toBe(false)
    expect(one.engine.counter.isWhole()).toBe(false)
    const panel = await one.screen.members.get({ member })
    expect(panel).toMatchObject({ unsynced: false, storedValue: { total: known.storedValue.total } })
    const { event } = await one.screen.checkout.pay(basket(100, { member }))
    expect((await paperOf(one, event)).balances).toMatchObject({ storedValue: known.storedValue.total })
    await one.restart(shop.server.url)
    await expectAgreement(shop)
  })
})
