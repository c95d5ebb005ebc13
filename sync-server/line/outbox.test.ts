import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Amount, BusinessDate, ClaimId, EventId, LotId, MemberId, StaffId } from '#core/ids.ts'
import { freeOf, heldBy, issued } from '#core/ledger/account.ts'
import { type Asset, Currency, POINTS, valueAsset } from '#core/ledger/asset.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import type { Draft, LedgerEvent } from '#core/ledger/event.ts'
import { seal } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import { EpochId } from '#core/ids.ts'
import { programme, STORE } from '#test/support/receipt-shop.ts'
import { openShopServer, type ShopServer } from '#test/support/receipt-shop.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { LineMessages, type FlexComponent } from './message.ts'
import { enqueueNotices } from './outbox.ts'

const VALUE = valueAsset(Currency.parse('TWD'))
const EPOCH = EpochId.parse('0A1B2C')
const amount = (value: number) => Amount.parse(value)
const now = Date.parse('2026-11-22T06:05:00Z')

describe.each(ENGINES)('notices on %s', (engine) => {
  let server: ShopServer
  let member: MemberId

  beforeEach(async () => {
    server = await openShopServer(engine, () => now)
    member = MemberId.parse(uuidv7())
    await addMember(member, 'U1')
  })
  afterEach(() => server.drop())

  async function addMember(id: MemberId, lineUser: string | null, blocked = 0): Promise<void> {
    const { db } = server.database
    const none = { phone: '', phone_tail: '', birthday: null, email: '', address: '', note: '', recent: '[]' }
    const card = id.replaceAll('-', '').slice(-10).toUpperCase()
    await db
      .insertInto('member')
      .values({
        ...none,
        id,
        card,
        name: '王小明',
        tier: 'basic',
        joined_on: '2026-11-01',
        blocked,
        on_line: 1,
        spent: 0,
        seq: 0,
      })
      .execute()
    await db.insertInto('personal').values({ member: id, salt: 'x', digest: 'x', line_user: lineUser }).execute()
  }

  /** What the member has: of each asset, so much free and so much in a counter's keeping. */
  async function has(asset: Asset, free: number, held: number): Promise<void> {
    const lot: Lot = {
      id: LotId.parse(`${uuidv7()}.0`),
      member,
      asset,
      quantity: free + held,
      issuedAt: now,
      expiresOn: null,
      code: null,
      terms: { source: 'issued', paid: amount(0) },
    }
    const holder = { terminal: server.shop.terminal, epoch: EPOCH }
    await server.ledger.write(STORE, async (unit) => {
      const transfers = [
        ...(free > 0 ? [{ asset, from: issued(asset), to: freeOf(lot.id), amount: free }] : []),
        ...(held > 0 ? [{ asset, from: issued(asset), to: heldBy(lot.id, holder), amount: held }] : []),
      ]
      unit.decide(
        {
          id: unit.mint.event(),
          draft: { kind: 'programme.issued', body: { member, reason: '' }, lots: [lot], transfers },
        },
        STORE,
      )
    })
  }

  let seq = 0
  const happened = (draft: Draft, occurredAt = now): LedgerEvent =>
    seal(draft, {
      id: EventId.parse(uuidv7()),
      store: STORE,
      terminal: server.shop.terminal,
      epoch: EPOCH,
      seq: ++seq,
      occurredAt,
      clockOffset: 0,
      businessDate: BusinessDate.parse('2026-11-22'),
      staff: StaffId.parse('mei'),
      approvedBy: null,
      previous: null,
    }).event

  const sale = (options: { member: MemberId | null; points?: number; tenders?: Tender[]; total?: number }) => {
    const {
      points = 0,
      total = 1250,
      tenders = [{ kind: 'cash', amount: amount(total), received: amount(total), change: amount(0) }],
    } = options
    const valueUsed = tenders.filter((tender) => tender.kind === 'storedValue')
    return happened({
      kind: 'sale.completed',
      body: {
        receipt: { number: 42, code: 'R1' },
        member: options.member,
        lines: [],
        discounts: [],
        total: amount(total),
        tenders,
        earned: { points: amount(points), stamps: [] },
        claim: null,
        programme: 1,
        note: '',
      },
      transfers: valueUsed.map((tender) => ({
        asset: VALUE,
        from: issued(VALUE),
        to: issued(VALUE),
        amount: tender.amount,
      })),
      lots: [],
    })
  }
  const topUp = () =>
    happened({
      kind: 'value.toppedUp',
      body: {
        receipt: { number: 43, code: 'R2' },
        member,
        asset: VALUE,
        paid: 1000,
        bonus: amount(100),
        tender: { kind: 'card', amount: amount(1000) },
      },
      transfers: [],
      lots: [],
    })
  const debit = () =>
    happened({
      kind: 'value.debited',
      body: { receipt: { number: 44, code: 'R3' }, member, asset: VALUE, amount: 300, note: '包場訂金' },
      transfers: [],
      lots: [],
    })

  const enqueue = (...events: LedgerEvent[]) =>
    server.database.db.transaction().execute((trx) => enqueueNotices(trx, events, { programme, now }))
  const rows = () => server.database.db.selectFrom('outbox').selectAll().orderBy('id').execute()
  const texts = (component: FlexComponent): string[] =>
    component.type === 'text' ? [component.text] : component.type === 'box' ? component.contents.flatMap(texts) : []
  const said = async () =>
    (await rows()).map((row) =>
      LineMessages.parse(JSON.parse(row.messages))
        .flatMap(({ contents }) => [contents.body, contents.footer!].flatMap(texts))
        .join(' '),
    )

  it('tell of points earned, with what the member has now, wherever it is held', async () => {
    await has(POINTS, 1200, 62)
    const event = sale({ member, points: 12 })
    await enqueue(event)
    expect(await said()).toEqual([
      '晨光咖啡 消費集點 +12 點 消費金額 NT$1,250 現金 NT$1,250 收據號碼 42 目前點數 1,262 點 信義店 · 2026/11/22 14:05',
    ])
    expect(await rows()).toMatchObject([
      {
        event_id: event.id,
        kind: 'pointsEarned',
        member,
        line_user: 'U1',
        state: 'pending',
        attempts: 0,
        next_at: now,
        first_sent_at: null,
      },
    ])
  })

  it('tell of nothing that was undone before it was sent', async () => {
    const undone = sale({ member, points: 12 })
    const undoing = happened({
      kind: 'sale.refunded',
      body: {
        reverses: undone.id,
        mode: 'own',
        reason: '',
        receipt: { number: 43, code: 'R2' },
        member,
        tenders: [],
        total: amount(0),
      },
      transfers: [],
      lots: [],
    })
    const other = sale({ member, points: 5 })
    await enqueue(undone, undoing, other)
    expect((await rows()).map(({ event_id }) => event_id)).toEqual([other.id])
  })

  it('are written even when a counter’s clock has said something absurd', async () => {
    const event = sale({ member, points: 12 })
    await enqueue({ ...event, occurredAt: Number.MAX_SAFE_INTEGER })
    expect((await said())[0]).toContain('信義店 · 2026/11/22')
  })

  it('tell of top-ups, debits, and sales paid with stored value', async () => {
    await has(VALUE, 2000, 800)
    const tenders: Tender[] = [
      { kind: 'storedValue', amount: amount(450) },
      { kind: 'points', amount: amount(50), points: 50 },
    ]
    await enqueue(topUp(), debit(), sale({ member, tenders, total: 500 }))
    expect((await rows()).map((row) => row.kind)).toEqual(['toppedUp', 'debited', 'debited'])
    expect(await said()).toEqual([
      '晨光咖啡 儲值加值 +NT$1,100 刷卡 NT$1,000 加贈 NT$100 收據號碼 43 儲值餘額 NT$2,800 信義店 · 2026/11/22 14:05',
      '晨光咖啡 儲值扣款 −NT$300 說明 包場訂金 收據號碼 44 儲值餘額 NT$2,800 信義店 · 2026/11/22 14:05',
      '晨光咖啡 儲值扣款 −NT$450 消費金額 NT$500 儲值 NT$450 點數折抵 50 點 (NT$50) 收據號碼 42 目前點數 0 點 儲值餘額 NT$2,800 信義店 · 2026/11/22 14:05',
    ])
  })

  it('go to nobody who cannot or would not have them', async () => {
    const [unbound, blocked] = [MemberId.parse(uuidv7()), MemberId.parse(uuidv7())]
    await addMember(unbound, null)
    await addMember(blocked, 'U2', 1)
    await enqueue(
      sale({ member: null, points: 12 }),
      sale({ member: unbound, points: 12 }),
      sale({ member: blocked, points: 12 }),
      sale({ member, points: 0 }),
    )
    expect(await rows()).toEqual([])
  })

  it('are each a switch of the shop’s', async () => {
    const { db } = server.database
    await db
      .insertInto('setting')
      .values([
        { key: 'notice.pointsEarned', value: 'off' },
        { key: 'notice.toppedUp', value: 'off' },
        { key: 'notice.debited', value: 'on' },
      ])
      .execute()
    await enqueue(sale({ member, points: 12 }), topUp(), debit())
    expect((await rows()).map((row) => row.kind)).toEqual(['debited'])
    await enqueue(sale({ member, points: 12, tenders: [{ kind: 'storedValue', amount: amount(1250) }] }))
    expect((await rows()).map((row) => row.kind)).toEqual(['debited', 'debited'])
  })

  it('are written once an event, each under a retry key of its own', async () => {
    const events = [sale({ member, points: 1 }), sale({ member, points: 2 })]
    await enqueue(...events)
    const before = await rows()
    await enqueue(...events)
    expect(await rows()).toEqual(before)
    expect(new Set(before.map((row) => row.retry_key)).size).toBe(2)
  })

  it('R12: are not written again of what happened before a restore, nor of what follows from it', async () => {
    const restored = { epoch: '0A1B2D', seq: 1, at: now, settled_at: now }
    await server.database.db.insertInto('restored').values(restored).execute()
    const honoured = (cause: EventId) =>
      happened(
        {
          kind: 'claim.honoured',
          body: { cause, claim: ClaimId.parse(cause), member, points: amount(3) },
          transfers: [],
          lots: [],
        },
        now + 1,
      )
    const old = sale({ member, points: 1 })
    const news = { ...sale({ member, points: 2 }), occurredAt: now + 1 }
    const claimed = honoured(EventId.parse(uuidv7()))
    await enqueue(old, honoured(old.id), news, claimed)
    expect((await rows()).map((row) => row.event_id)).toEqual([news.id, claimed.id])
  })

  it('are gone with the transaction that did not happen', async () => {
    const failed = server.database.db.transaction().execute(async (trx) => {
      await enqueueNotices(trx, [sale({ member, points: 1 })], { programme, now })
      throw new Error('the power went')
    })
    await expect(failed).rejects.toThrow('the power went')
    expect(await rows()).toEqual([])
  })

  it('take the same few statements for many events', async () => {
    const events = Array.from({ length: 500 }, (_, n) => sale({ member, points: n + 1 }))
    let statements = 0
    const db = server.database.db.withPlugin({
      transformQuery: ({ node }) => {
        statements++
        return node
      },
      transformResult: async ({ result }) => result,
    })
    await db.transaction().execute((trx) => enqueueNotices(trx, events, { programme, now }))
    expect(await rows()).toHaveLength(500)
    expect(statements).toBeLessThan(10)
  })
})
