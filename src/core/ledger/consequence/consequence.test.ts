/** The server's rules, alone: whatever happens to a lot, nothing is lost, doubled or taken below zero. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Amount, BusinessDate, EpochId, EventId, LotId, MemberId, StaffId, StoreId, TerminalId } from '#core/ids.ts'
import { debtOf, freeOf, heldBy, issued, redeemed, type Holder } from '#core/ledger/account.ts'
import { POINTS, valueAsset, Currency, type Asset } from '#core/ledger/asset.ts'
import { balanceIn, setBalance } from '#core/ledger/book.ts'
import { seal, type Draft, type LedgerEvent } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import { awaitedBy } from './awaited.ts'
import {
  dueOf,
  enter,
  enterIfCovered,
  freeIn,
  heldIn,
  learnLot,
  lotsIn,
  noFacts,
  owedBy,
  usableLots,
  type Facts,
} from './facts.ts'
import { reverseByServer } from './reversal.ts'
import { overdue, settleLot, takeBack } from './settle.ts'

const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const MEMBER = MemberId.parse(id(1))
const A: Holder = { terminal: TerminalId.parse('AAAAAA'), epoch: EpochId.parse('E1E1E1') }
const B: Holder = { terminal: TerminalId.parse('BBBBBB'), epoch: EpochId.parse('E2E2E2') }
const DAY = BusinessDate.parse('2026-03-01')
const VALUE = valueAsset(Currency.parse('TWD'))

function lot(n: number, asset: Asset = POINTS, quantity = 10, expiresOn: string | null = null): Lot {
  return {
    id: LotId.parse(`${id(n)}.0`),
    member: MEMBER,
    asset,
    quantity,
    issuedAt: n,
    expiresOn: expiresOn === null ? null : BusinessDate.parse(expiresOn),
    terms: { source: 'sale', paid: Amount.parse(0) },
    code: null,
  }
}

function event(n: number, draft: Draft): LedgerEvent {
  return seal(draft, {
    id: EventId.parse(id(n)),
    store: StoreId.parse('s1'),
    ...A,
    seq: n,
    occurredAt: n,
    clockOffset: 0,
    businessDate: DAY,
    staff: StaffId.parse('mei'),
    approvedBy: null,
    previous: null,
  }).event
}

const note = (n: number, transfers: Draft['transfers'], lots: Lot[] = []): LedgerEvent =>
  event(n, { kind: 'rights.returned', body: { recalls: [] }, transfers, lots })

const due = (n: number, of: Lot, amount: number) => ({ cause: EventId.parse(id(n)), lot: of.id, amount })

it('awaits, for what a sale lent, what its counter held of the person and asset, and not what the sale gave', () => {
  const facts = noFacts(DAY)
  const other = MemberId.parse(id(2))
  const merged = { ...lot(2), member: MemberId.parse(id(3)) }
  facts.roots.set(merged.member, MEMBER)
  const [mine, born] = [lot(1), lot(9)]
  for (const one of [mine, merged, born, { ...lot(4), member: other }, lot(5, VALUE)])
    learnLot(facts, one, 1, [{ account: heldBy(one.id, A), amount: 6 }])
  learnLot(facts, lot(6), 10, [{ account: heldBy(lot(6).id, B), amount: 6 }])
  expect(awaitedBy(facts, note(9, [], [born]), MEMBER, POINTS)).toEqual([
    { lot: mine.id, amount: 6 },
    { lot: merged.id, amount: 6 },
  ])
})

describe('posting to the facts', () => {
  it('leaves everything as it was when something is not covered, and knows nothing of the lots it would have borne', () => {
    const facts = noFacts(DAY)
    const [old, born] = [lot(1), lot(2)]
    learnLot(facts, old, 10, [{ account: heldBy(old.id, A), amount: 3 }], 7)
    const transfers = [
      { asset: POINTS, from: issued(POINTS), to: heldBy(born.id, A), amount: 5 },
      { asset: POINTS, from: heldBy(old.id, A), to: freeOf(old.id), amount: 3 },
      { asset: POINTS, from: freeOf(old.id), to: redeemed(POINTS), amount: 14 },
    ]
    expect(enterIfCovered(facts, { transfers, lots: [born] })).toBe(transfers[2])
    expect([freeIn(facts, old), heldIn(facts, old)]).toEqual([10, 3])
    expect(lotsIn(facts)).toEqual([old])
    expect(usableLots(facts, MEMBER, POINTS)).toEqual([old])
    expect(balanceIn(facts.book, issued(POINTS), POINTS)).toBe(0)
  })
})

describe('settling on arrival', () => {
  it('takes what is due first, then lets the rest expire', () => {
    const facts = noFacts(DAY)
    const old = lot(1, POINTS, 10, '2026-02-28')
    learnLot(facts, old, 10, [])
    facts.dues.set(old.id, [due(50, old, 4), due(51, old, 3)])
    const { transfers, taken } = settleLot(facts, old)
    expect(transfers.map(({ to, amount }) => [to, amount])).toEqual([
      ['revoked:points', 4],
      ['revoked:points', 3],
      ['expired:points', 3],
    ])
    expect(taken.map(({ amount }) => amount)).toEqual([4, 3])
  })

  it('asks nowhere else for what was spent of a gift; of what comes back to it, it takes what is due', () => {
    const facts = noFacts(DAY)
    const gift: Lot = { ...lot(1), terms: { source: 'welcome', paid: Amount.parse(0) } }
    learnLot(facts, gift, 0, [])
    learnLot(facts, lot(2), 10, [])
    facts.dues.set(gift.id, [due(50, gift, 4)])
    expect(overdue(facts, gift)).toEqual([])
    enter(facts, { transfers: [{ asset: POINTS, from: redeemed(POINTS), to: freeOf(gift.id), amount: 6 }], lots: [] })
    expect(settleLot(facts, gift)).toMatchObject({
      transfers: [{ from: freeOf(gift.id), amount: 4 }],
      taken: [{ amount: 4 }],
    })
  })

  it('pays what is owed of that asset, and no more', () => {
    const facts = noFacts(DAY)
    const some = lot(1)
    learnLot(facts, some, 10, [])
    setBalance(facts.book, debtOf(MEMBER, POINTS), POINTS, -6)
    expect(settleLot(facts, some).transfers).toEqual([
      { asset: POINTS, from: freeOf(some.id), to: debtOf(MEMBER, POINTS), amount: 6 },
    ])
  })

  it('counts a lot as usable on its last day', () => {
    const facts = noFacts(DAY)
    const last = lot(1, POINTS, 10, DAY)
    learnLot(facts, last, 10, [])
    expect(settleLot(facts, last).transfers).toEqual([])
  })
})

describe('taking back', () => {
  it('goes by soonest expiry, and owes the rest', () => {
    const facts = noFacts(DAY)
    learnLot(facts, lot(1), 5, [])
    learnLot(facts, lot(2, POINTS, 10, '2026-04-01'), 5, [])
    learnLot(facts, lot(3, POINTS, 10, '2026-02-01'), 5, [])
    const { transfers, short } = takeBack(facts, MEMBER, POINTS, 12)
    expect(transfers.map(({ from, amount }) => [from, amount])).toEqual([
      [freeOf(lot(2).id), 5],
      [freeOf(lot(1).id), 5],
      [debtOf(MEMBER, POINTS), 2],
    ])
    expect(short).toBe(0)
  })

  it('never makes a debt of stored value', () => {
    const facts = noFacts(DAY)
    learnLot(facts, lot(1, VALUE), 5, [])
    const { transfers, short } = takeBack(facts, MEMBER, VALUE, 12)
    expect(transfers).toHaveLength(1)
    expect(short).toBe(7)
  })
})

describe('reversal', () => {
  const born = lot(10)
  const earned = event(10, {
    kind: 'sale.completed',
    body: {
      receipt: { number: 1, code: 'R1' },
      member: MEMBER,
      lines: [],
      discounts: [],
      total: Amount.parse(1_000),
      tenders: [],
      earned: { points: Amount.parse(10), stamps: [] },
      claim: null,
      programme: 1,
      note: '',
    },
    lots: [born],
    transfers: [{ asset: POINTS, from: issued(POINTS), to: heldBy(born.id, A), amount: 10 }],
  })

  it('does not ask again for what the reversal itself took', () => {
    const facts = noFacts(DAY)
    learnLot(facts, born, 0, [{ account: heldBy(born.id, B), amount: 10 }])
    const itself = note(11, [{ asset: POINTS, from: heldBy(born.id, A), to: issued(POINTS), amount: 4 }])
    const { transfers, dues } = reverseByServer(facts, itself, earned, [])
    expect(transfers).toEqual([])
    expect(dues).toEqual([due(11, born, 6)])
  })

  it('does not take from elsewhere what has run out', () => {
    const facts = noFacts(DAY)
    learnLot(facts, born, 0, [])
    learnLot(facts, lot(2), 30, [])
    facts.expired.set(born.id, 8)
    const { transfers } = reverseByServer(facts, note(11, []), earned, [])
    expect(transfers).toEqual([{ asset: POINTS, from: freeOf(lot(2).id), to: 'revoked:points', amount: 2 }])
  })

  it('takes an honoured claim back from the lots it became', () => {
    const facts = noFacts(DAY)
    const claimed = lot(20)
    learnLot(facts, claimed, 10, [])
    const { transfers } = reverseByServer(facts, note(11, []), note(12, []), [{ lot: claimed, amount: 10 }])
    expect(transfers).toEqual([{ asset: POINTS, from: freeOf(claimed.id), to: 'revoked:points', amount: 10 }])
  })

  it('takes back exactly what was given, wherever it has gone (property)', () => {
    const amounts = fc.record({
      given: fc.integer({ min: 1, max: 50 }),
      free: fc.integer({ min: 0, max: 50 }),
      held: fc.integer({ min: 0, max: 50 }),
      dueBefore: fc.integer({ min: 0, max: 50 }),
      others: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(amounts, ({ given, free, held, dueBefore, others }) => {
        const whole = lot(10, POINTS, given)
        const freeNow = Math.min(free, given)
        const heldNow = Math.min(held, given - freeNow)
        const facts = noFacts(DAY)
        learnLot(facts, whole, freeNow, [{ account: heldBy(whole.id, B), amount: heldNow }])
        if (dueBefore > 0) facts.dues.set(whole.id, [due(50, whole, Math.min(dueBefore, heldNow))])
        others.forEach((amount, n) => learnLot(facts, lot(20 + n, POINTS, amount), amount, []))
        const before = wealth(facts)
        const original = {
          ...earned,
          lots: [whole],
          transfers: [{ asset: POINTS, from: issued(POINTS), to: heldBy(whole.id, A), amount: given }],
        }
        const { dues, transfers } = reverseByServer(facts, note(11, []), original, [])
        const dueNow = dues.reduce((sum, one) => sum + one.amount, 0)
        const revoked = transfers.reduce((sum, one) => sum + one.amount, 0)
        expect(revoked + dueNow).toBe(given)
        expect(wealth(facts)).toBe(before - revoked)
        expect(dueOf(facts, whole.id)).toBeLessThanOrEqual(heldIn(facts, whole))
      }),
    )
  })

  it('puts a spend back into the very lots it came from (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }), (spends) => {
        const facts = noFacts(DAY)
        const lots = spends.map((amount, n) => lot(30 + n, POINTS, amount))
        lots.forEach((one) => learnLot(facts, one, 0, [{ account: heldBy(one.id, A), amount: one.quantity }]))
        const spent = note(
          10,
          lots.map((one) => ({ asset: POINTS, from: heldBy(one.id, A), to: redeemed(POINTS), amount: one.quantity })),
        )
        enter(facts, spent)
        reverseByServer(facts, note(11, []), spent, [])
        for (const one of lots) expect(freeIn(facts, one)).toBe(one.quantity)
        expect(balanceIn(facts.book, redeemed(POINTS), POINTS)).toBe(0)
      }),
    )
  })
})

/** What the member has less what is owed. */
function wealth(facts: Facts): number {
  const has = lotsIn(facts).reduce((sum, one) => sum + freeIn(facts, one) + heldIn(facts, one), 0)
  return has - owedBy(facts, MEMBER, POINTS)
}

it('whatever order things come home in, dues end up taken once (property)', () => {
  const steps = fc.array(fc.record({ home: fc.integer({ min: 0, max: 20 }), spend: fc.integer({ min: 0, max: 20 }) }), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 }), (all, dueAmount) => {
      const facts = noFacts(DAY)
      const one = lot(1, POINTS, 40)
      learnLot(facts, one, 0, [{ account: heldBy(one.id, A), amount: 40 }])
      facts.dues.set(one.id, [due(50, one, dueAmount)])
      let revoked = 0
      const settle = () => {
        const { transfers, taken } = settleLot(facts, one)
        enter(facts, { transfers, lots: [] })
        lessen(facts, taken)
        revoked += taken.reduce((sum, { amount }) => sum + amount, 0)
        const moved = overdue(facts, one)
        lessen(facts, moved)
        for (const { amount } of moved) {
          enter(facts, { transfers: takeBack(facts, MEMBER, POINTS, amount).transfers, lots: [] })
          revoked += amount
        }
      }
      for (const { home, spend } of [...all, { home: 40, spend: 0 }]) {
        for (const [to, wanted] of [
          [redeemed(POINTS), spend],
          [freeOf(one.id), home],
        ] as const) {
          const amount = Math.min(wanted, heldIn(facts, one))
          if (amount > 0)
            enter(facts, { transfers: [{ asset: POINTS, from: heldBy(one.id, A), to, amount }], lots: [] })
          settle()
        }
      }
      expect(revoked).toBe(dueAmount)
      expect(dueOf(facts, one.id)).toBe(0)
    }),
  )
})

function lessen(facts: Facts, taken: readonly { cause: EventId; lot: LotId; amount: number }[]): void {
  for (const { cause, lot: of, amount } of taken) {
    for (const one of facts.dues.get(of) ?? []) if (one.cause === cause) one.amount -= amount
  }
}
