import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { chainOf, ledgerOn, moving } from '#test/support/ledger-database.ts'
import {
  eventId,
  holder,
  lotId,
  lotOf,
  memberId,
  otherHolder,
  part,
  today,
  uuid,
  VALUE,
} from '#test/support/programme.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { ClaimId, CouponCode, GrantId, LotId } from '#core/ids.ts'
import {
  claimAccount,
  drawerOf,
  freeOf,
  heldBy,
  issued,
  ownedBy,
  redeemed,
  type Account,
} from '#core/ledger/account.ts'
import { POINTS, type Asset } from '#core/ledger/asset.ts'
import { balanceIn, bookOf, entriesOf } from '#core/ledger/book.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { eventRowById, insertEvents } from './event.repository.ts'
import {
  balancesOf,
  heldFromText,
  insertLots,
  LotChangedError,
  lotFromRow,
  moveLots,
  postBalances,
  saveLots,
} from './ledger.repository.ts'
import type { LedgerTables } from './schema.ts'

const free = freeOf(lotId(1))
const held = heldBy(lotId(1), holder)
const move = (from: Account, to: Account, amount: number, asset: Asset = POINTS): Transfer => ({
  asset,
  from,
  to,
  amount,
})
const grant = (lot: number, amount: number) => move(issued(POINTS), freeOf(LotId.parse(`${uuid(lot)}.0`)), amount)

const GRANT = GrantId.parse(uuid(77))

/** A lot's state where only its birth is known. */
const NOTHING_SAID = { free: 0, held: '[]', seq: 0 }

/** More rows than fit one statement, at three values a row. */
const MANY = 11_000

async function balances(db: Kysely<LedgerTables>): Promise<Record<string, number>> {
  const rows = await db.selectFrom('balance').selectAll().orderBy('account').orderBy('asset').execute()
  return Object.fromEntries(rows.map(({ account, asset, amount }) => [`${account} ${asset}`, amount]))
}

describe.each(ENGINES)('the ledger on %s', (engine) => {
  const ledger = ledgerOn(engine)

  describe('events', () => {
    it('keeps their exact text, whatever is in it', async () => {
      const db = ledger()
      const notes = ['補登 👩‍👩‍👧 𠮷', 'a\0b', 'x\uD83Dy', '\u0001\u2028"\\']
      const sealed = chainOf(notes.map((note) => moving([], memberId(1), note)))
      await insertEvents(db, sealed)
      const rows = await db.selectFrom('event').selectAll().orderBy('seq').execute()
      expect(rows.map(({ text, hash }) => ({ text, hash }))).toEqual(sealed.map(({ text, hash }) => ({ text, hash })))
      expect(rows[0]).toMatchObject({
        ...holder,
        seq: 1,
        kind: 'member.adjusted',
        member: memberId(1),
        receipt: null,
        business_date: today,
      })
      expect(await eventRowById(db, sealed[1]!.event.id)).toEqual(rows[1])
      expect(await eventRowById(db, uuid(404))).toBeUndefined()
    })

    it('refuses a second event under one id, or in one place', async () => {
      const db = ledger()
      const [first, second] = chainOf([moving([]), moving([])])
      await insertEvents(db, [first!])
      await expect(insertEvents(db, [first!])).rejects.toThrow(/unique/i)
      const fork = { ...second!, event: { ...second!.event, seq: 1 } }
      await expect(insertEvents(db, [fork])).rejects.toThrow(/unique/i)
      await insertEvents(db, [{ ...fork, event: { ...fork.event, ...otherHolder } }])
    })

    it('takes more than a statement can hold', async () => {
      const db = ledger()
      const [one] = chainOf([moving([])])
      const many = Array.from({ length: 6_000 }, (_, n) => ({
        ...one!,
        event: { ...one!.event, id: eventId(n), seq: n + 1 },
      }))
      await insertEvents(db, many)
      const { n } = await db
        .selectFrom('event')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      expect(n).toBe(6_000)
    })

    it('show the transfers they carry, but not what repeats another’s', async () => {
      const db = ledger()
      const transfers = [move(issued(POINTS), free, 5), move(free, held, Number.MAX_SAFE_INTEGER)]
      const repeats = { kind: 'rights.acquired' as const, body: { grant: GRANT, member: memberId(1), carried: [] } }
      const sealed = chainOf([moving([]), moving(transfers), { ...repeats, lots: [], transfers }])
      await insertEvents(db, sealed)
      expect(await db.selectFrom('transfer').selectAll().orderBy('amount').execute()).toEqual(
        transfers.map(({ asset, from, to, amount }) => {
          return { event_id: sealed[1]!.event.id, asset, from_account: from, to_account: to, amount }
        }),
      )
    })
  })

  describe('balances', () => {
    it('adds up what transfers move, raising and lowering in one call', async () => {
      const db = ledger()
      await postBalances(db, [move(issued(POINTS), free, 30), move(free, held, 20)])
      await postBalances(db, [move(held, free, 15), move(free, redeemed(POINTS), 25), move(issued(POINTS), held, 1)])
      expect(await balances(db)).toEqual({
        [`${free} points`]: 0,
        [`${held} points`]: 6,
        'issued:points points': -31,
        'redeemed:points points': 25,
      })
    })

    it('keeps assets of one account apart', async () => {
      const db = ledger()
      const drawer = drawerOf(holder.terminal)
      await postBalances(db, [
        move(issued(POINTS), drawer, 3),
        move(issued(VALUE), drawer, 4, VALUE),
        move(drawer, free, 5),
      ])
      expect(await balancesOf(db, [drawer])).toEqual(
        bookOf([
          [drawer, POINTS, -2],
          [drawer, VALUE, 4],
        ]),
      )
    })

    it('keeps only the accounts that are kept here', async () => {
      const db = ledger()
      await postBalances(db, [move(free, held, 5), move(issued(POINTS), heldBy(lotId(1), otherHolder), 9)], (account) =>
        ownedBy(account, holder),
      )
      expect(await balances(db)).toEqual({ [`${held} points`]: 5 })
    })

    it.each([
      ['free', free],
      ['held', held],
      ['promised', claimAccount(ClaimId.parse(uuid(1)))],
    ])('never lets what is %s go below zero, and then keeps nothing', async (_, account) => {
      const db = ledger()
      await postBalances(db, [move(issued(POINTS), account, 10)])
      const before = await balances(db)
      const overdraw = (transfers: Transfer[]) => db.transaction().execute((trx) => postBalances(trx, transfers))
      await expect(overdraw([move(account, redeemed(POINTS), 11)])).rejects.toMatchObject({
        code: engine === 'sqlite' ? 'SQLITE_CONSTRAINT_CHECK' : '23514',
      })
      await expect(overdraw([move(account, redeemed(VALUE), 1, VALUE)])).rejects.toThrow('never held')
      expect(await balances(db)).toEqual(before)
      await overdraw([move(account, redeemed(POINTS), 10)])
      expect(await balancesOf(db, [account])).toEqual(bookOf([[account, POINTS, 0]]))
    })

    it('lets unbounded accounts go below zero, from nothing and further', async () => {
      const db = ledger()
      await postBalances(db, [grant(1, 5)])
      await postBalances(db, [grant(1, 5), move(redeemed(POINTS), free, 2)])
      expect(await balancesOf(db, [issued(POINTS), redeemed(POINTS)])).toEqual(
        bookOf([
          [issued(POINTS), POINTS, -10],
          [redeemed(POINTS), POINTS, -2],
        ]),
      )
    })

    it('raises and lowers more accounts than a statement can hold', async () => {
      const db = ledger()
      const many = Array.from({ length: MANY }, (_, n) => freeOf(LotId.parse(`${uuid(n)}.0`)))
      await postBalances(
        db,
        many.map((account) => move(issued(POINTS), account, 2)),
      )
      await postBalances(
        db,
        many.map((account) => move(account, redeemed(POINTS), 1)),
      )
      const book = await balancesOf(db, [...many, issued(POINTS), redeemed(POINTS)])
      expect([...entriesOf(book)].length).toBe(MANY + 2)
      expect([balanceIn(book, many[0]!, POINTS), balanceIn(book, many.at(-1)!, POINTS)]).toEqual([1, 1])
      expect([balanceIn(book, issued(POINTS), POINTS), balanceIn(book, redeemed(POINTS), POINTS)]).toEqual([
        -2 * MANY,
        MANY,
      ])
    })

    it('asks for nothing when asked for nothing', async () => {
      const db = ledger()
      await postBalances(db, [])
      await postBalances(db, [move(free, free, 5)])
      expect([await balancesOf(db, []), await balances(db)]).toEqual([new Map(), {}])
    })

    it('holds the largest exact amount', async () => {
      const db = ledger()
      await postBalances(db, [move(issued(POINTS), free, Number.MAX_SAFE_INTEGER)])
      expect(await balancesOf(db, [free])).toEqual(bookOf([[free, POINTS, Number.MAX_SAFE_INTEGER]]))
    })
  })

  describe('lots', () => {
    const stored = (db: Kysely<LedgerTables>) => db.selectFrom('lot').selectAll().orderBy('issued_at').execute()

    it('come back as they were', async () => {
      const db = ledger()
      const lots = [
        lotOf(1, POINTS, { expiresOn: today, quantity: 9 }),
        lotOf(2, VALUE, { code: CouponCode.parse('0123456789') }),
      ]
      await insertLots(db, lots)
      const rows = await stored(db)
      expect(rows.map(lotFromRow)).toEqual(lots)
      expect(rows).toMatchObject([NOTHING_SAID, NOTHING_SAID])
    })

    it('never change: a second of the same id is passed over', async () => {
      const db = ledger()
      await insertLots(db, [lotOf(1, POINTS, { quantity: 9 })])
      await insertLots(db, [lotOf(1, POINTS, { quantity: 10 }), lotOf(2, POINTS)])
      expect((await stored(db)).map(({ quantity }) => quantity)).toEqual([9, 1])
    })

    it('take the state of the later commit, and come with it when they are new', async () => {
      const db = ledger()
      const lot = lotOf(1, POINTS, { quantity: 9 })
      const held = [{ ...holder, amount: 4 }]
      await insertLots(db, [lot])
      await saveLots(db, [
        { lot, free: 5, held, seq: 7 },
        { lot: lotOf(2, POINTS), free: 1, held: [], seq: 7 },
      ])
      await saveLots(db, [{ lot, free: 9, held: [], seq: 6 }])
      const rows = await stored(db)
      expect(rows).toMatchObject([
        { free: 5, seq: 7 },
        { free: 1, held: '[]', seq: 7 },
      ])
      expect(heldFromText(rows[0]?.held ?? '')).toEqual(held)
    })

    it('move on from the commit they were read at, and from no other', async () => {
      const db = ledger()
      const [one, two] = [lotOf(1, POINTS), lotOf(2, POINTS)]
      const states = [one, two].map((lot) => ({ lot, free: 1, held: [], seq: 3 }))
      await saveLots(db, states)
      await moveLots(db, [{ lot: one, free: 0, held: [{ ...holder, amount: 1 }], seq: 4, was: 3 }])
      const late = states.map((state) => ({ ...state, free: 7, seq: 5, was: 3 }))
      await expect(db.transaction().execute((trx) => moveLots(trx, late))).rejects.toThrow(LotChangedError)
      expect(await stored(db)).toMatchObject([
        { free: 0, seq: 4 },
        { free: 1, seq: 3 },
      ])
    })

    it('are never less than empty', async () => {
      const db = ledger()
      const lot = lotOf(1, POINTS)
      await expect(saveLots(db, [{ lot, free: -1, held: [], seq: 1 }])).rejects.toThrow(/check/i)
      await expect(saveLots(db, [{ lot, free: 0, held: [{ ...holder, amount: -1 }], seq: 1 }])).rejects.toThrow(
        /check/i,
      )
      expect(await stored(db)).toEqual([])
    })

    it('come in thousands', async () => {
      const db = ledger()
      const lots = Array.from({ length: 5_000 }, (_, n) => part(n, POINTS, 1).lot)
      await insertLots(db, lots)
      expect(await stored(db)).toHaveLength(5_000)
    })
  })
})
