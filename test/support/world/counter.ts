/** A counter in memory: its chain, what it holds, and what it has sent; built from the core's functions alone. */
import { EventId, StoreId, type BusinessDate, type GrantId, type MemberId } from '#core/ids.ts'
import { heldBy, isBounded, ownedBy, type Holder } from '#core/ledger/account.ts'
import { balanceIn, bookOf, entriesOf, setBalance, type Book } from '#core/ledger/book.ts'
import { seal, type Draft, type LedgerEvent, type SealedEvent } from '#core/ledger/event.ts'
import type { Lot, Part } from '#core/ledger/lot.ts'
import type { MemberState, PlanContext } from '#core/ledger/plan/context.ts'
import { isReversible, planReversal, type Reversible } from '#core/ledger/plan/reversal.ts'
import { acceptGrant, returnRights } from '#core/ledger/plan/rights.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import { inverse, type Transfer } from '#core/ledger/transfer.ts'
import { programme } from '#test/support/programme.ts'
import type { Fault, Grant, Wire } from './faults.ts'

export class Counter {
  readonly holder: Holder
  readonly faults: ReadonlySet<Fault>
  readonly chain: SealedEvent[] = []
  /** Balances of its own accounts, and the same after each event of its chain. */
  readonly book: Book = new Map()
  readonly books: Book[] = [new Map()]
  readonly lots = new Map<string, Lot>()
  readonly reversed = new Set<string>()
  /** Grants that are on their way here. */
  readonly inbox: Grant[] = []
  today: BusinessDate
  /** The last seq that may have left, and the last the server is known to have. */
  sent = 0
  acked = 0

  constructor(holder: Holder, today: BusinessDate, faults: ReadonlySet<Fault>) {
    this.holder = holder
    this.today = today
    this.faults = faults
  }

  event(id: EventId): LedgerEvent | undefined {
    return this.chain.find(({ event }) => event.id === id)?.event
  }

  /** Does a command once: the same id gives the event of the first time. */
  run(id: EventId, plan: (context: PlanContext) => Planned<Draft>): Planned<LedgerEvent> {
    const before = this.event(id)
    if (before && !this.faults.has('answerAnew')) return { ok: true, value: before }
    const number = this.chain.length + 1
    const receipt = { number, code: `${this.holder.terminal}${number}` }
    const made = plan({
      holder: this.holder,
      event: id,
      now: number,
      today: this.today,
      programme,
      receipt,
      floor: null,
    })
    return made.ok ? { ok: true, value: this.append(id, made.value) } : made
  }

  append(id: EventId, draft: Draft): LedgerEvent {
    const sealed = seal(draft, {
      id,
      store: StoreId.parse('s1'),
      ...this.holder,
      seq: this.chain.length + 1,
      occurredAt: this.chain.length,
      clockOffset: 0,
      businessDate: this.today,
      staff: null,
      approvedBy: null,
      previous: this.faults.has('unchained') ? null : (this.chain.at(-1)?.hash ?? null),
    })
    if (!(draft.kind === 'rights.returned' && this.faults.has('forgetReturn'))) this.post(draft.transfers)
    for (const lot of draft.lots) this.lots.set(lot.id, lot)
    this.chain.push(sealed)
    this.books.push(bookOf(entriesOf(this.book)))
    return sealed.event
  }

  /** What its own accounts make of these transfers: theirs is the half that is here. */
  private post(transfers: readonly Transfer[]): void {
    for (const { asset, from, to, amount } of transfers) {
      const move = (account: typeof from, by: number) => {
        if (!ownedBy(account, this.holder)) return
        const after = balanceIn(this.book, account, asset) + by
        if (after < 0 && isBounded(account)) throw new Error(`${account} at a counter would have ${after}`)
        setBalance(this.book, account, asset, after)
      }
      move(from, -amount)
      move(to, amount)
    }
  }

  /** Takes a grant in, once, whenever and however often it arrives. */
  accept(grant: Grant): void {
    const id = EventId.parse(grant.grant)
    if (this.event(id) && !this.faults.has('acceptTwice')) return
    for (const { lot } of grant.parts) this.lots.set(lot.id, lot)
    this.append(id, acceptGrant(this.holder, grant))
  }

  has(grant: GrantId): boolean {
    return this.event(EventId.parse(grant)) !== undefined
  }

  holds(lot: Lot): number {
    return balanceIn(this.book, heldBy(lot.id, this.holder), lot.asset)
  }

  held(): Part[] {
    return [...this.lots.values()]
      .map((lot) => ({ lot, amount: this.faults.has('spendFree') ? lot.quantity : this.holds(lot) }))
      .filter(({ amount }) => amount > 0)
  }

  member(id: MemberId): MemberState {
    const held = this.held().filter(({ lot }) => lot.member === id)
    const nothing = { total: 0, usableHere: 0, elsewhere: [], offline: true }
    return { id, tier: 'basic', held, outlook: () => nothing, elsewhere: () => [] }
  }

  returnAll(id: EventId): void {
    const held = this.held().map(({ lot, amount }) => ({
      account: heldBy(lot.id, this.holder),
      asset: lot.asset,
      amount,
    }))
    const draft = returnRights(held, [])
    if (draft) this.append(id, draft)
  }

  reversible(): Reversible[] {
    return this.chain.flatMap(({ event }) => (isReversible(event) ? [event] : []))
  }

  refund(id: EventId, event: Reversible): Planned<LedgerEvent> {
    return this.run(id, (context) => {
      const sent = this.sent >= event.seq
      const plan = planReversal(context, event, '', {
        sent,
        reversed: this.reversed.has(event.id),
        offline: true,
        elsewhere: [],
        own: this.book,
      })
      if (!plan.ok) return plan
      if (!this.faults.has('reverseTwice')) this.reversed.add(event.id)
      if (!this.faults.has('undoForwards') || plan.value.transfers.length < 2) return plan
      return { ok: true, value: { ...plan.value, transfers: inverse(plan.value.transfers) } }
    })
  }

  /** The next events to push, marked as sent before they leave. */
  outgoing(limit: number): Wire[] {
    const events = this.chain.slice(this.acked, this.acked + limit)
    this.sent = Math.max(this.sent, this.acked + events.length)
    return events.map(({ event, text, hash }) => ({ seq: event.seq, text, hash }))
  }
}
