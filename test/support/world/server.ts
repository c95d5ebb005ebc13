/** The server in memory: what it does with counters' events, from the core's functions alone. */
import type { EventId } from '#core/ids.ts'
import { EpochId, StoreId, type BusinessDate, type GrantId, type MemberId } from '#core/ids.ts'
import { freeOf, heldBy, issued, mayTake, parseAccount, type Holder } from '#core/ledger/account.ts'
import { bookOf, entriesOf, setBalance, type Book, type BookEntry } from '#core/ledger/book.ts'
import {
  balanceOf,
  dueOf,
  enter,
  freeIn,
  lotIn,
  lotsIn,
  noFacts,
  type Due,
  type Facts,
} from '#core/ledger/consequence/facts.ts'
import { reverseByServer } from '#core/ledger/consequence/reversal.ts'
import { overdue, settleLot, takeBack } from '#core/ledger/consequence/settle.ts'
import { seal, SERVER_TERMINAL, unseal, type Draft, type LedgerEvent, type SealedEvent } from '#core/ledger/event.ts'
import { isExpired, pick, type Lot } from '#core/ledger/lot.ts'
import { inverse, type Transfer } from '#core/ledger/transfer.ts'
import type { Fault, Grant, Wire } from './faults.ts'

export type WantedAmount = { fits: (lot: Lot) => boolean; amount: number }
type Received = { answer: 'stored' | 'gap'; upTo: number }

export class Server {
  readonly facts: Facts
  readonly faults: ReadonlySet<Fault>
  readonly chain: SealedEvent[] = []
  /** By epoch: what has arrived, in order. */
  readonly arrived = new Map<string, SealedEvent[]>()
  readonly known = new Map<string, LedgerEvent>()
  readonly grants = new Map<string, Grant & { holder: Holder; accepted: boolean }>()
  readonly reversedBy = new Map<string, string>()
  readonly mint: () => EventId

  constructor(today: BusinessDate, mint: () => EventId, faults: ReadonlySet<Fault>) {
    this.facts = noFacts(today)
    this.mint = mint
    this.faults = faults
  }

  /** Makes something the server's own event; `posted` when its transfers are in the facts already. */
  decide(draft: Draft, posted = false, id = this.mint()): void {
    if (!posted) enter(this.facts, draft)
    const sealed = seal(draft, {
      id,
      store: StoreId.parse('s1'),
      terminal: SERVER_TERMINAL,
      epoch: EpochId.parse('SERVER'),
      seq: this.chain.length + 1,
      occurredAt: this.chain.length,
      clockOffset: 0,
      businessDate: this.facts.today,
      staff: null,
      approvedBy: null,
      previous: this.chain.at(-1)?.hash ?? null,
    })
    this.chain.push(sealed)
  }

  give(member: MemberId, lots: readonly Lot[]): void {
    const transfers = lots.map(({ id, asset, quantity }) => ({
      asset,
      from: issued(asset),
      to: freeOf(id),
      amount: quantity,
    }))
    this.decide({ kind: 'programme.issued', body: { member, reason: '' }, lots: [...lots], transfers })
  }

  acquire(holder: Holder, grant: GrantId, member: MemberId, wants: readonly WantedAmount[]): Grant | null {
    const before = this.grants.get(grant)
    if (before && !this.faults.has('grantAnew')) return before
    const left = new Map<string, number>()
    const available = (lot: Lot) => left.get(lot.id) ?? Math.max(0, freeIn(this.facts, lot) - dueOf(this.facts, lot.id))
    const parts = new Map<string, { lot: Lot; amount: number }>()
    for (const want of wants.filter(({ amount }) => amount > 0)) {
      const lots = lotsIn(this.facts).filter((lot) => lot.member === member && want.fits(lot))
      const usable = lots
        .filter((lot) => !isExpired(lot, this.facts.today))
        .map((lot) => ({ lot, amount: available(lot) }))
      const picked = pick(usable, want.amount)
      if (picked.short > 0) return null
      for (const { lot, amount } of picked.parts) {
        left.set(lot.id, available(lot) - amount)
        parts.set(lot.id, { lot, amount: (parts.get(lot.id)?.amount ?? 0) + amount })
      }
    }
    if (parts.size === 0) return null
    const made = { grant, member, parts: [...parts.values()], holder, accepted: false }
    const transfers = made.parts.map(({ lot, amount }) => ({
      asset: lot.asset,
      from: freeOf(lot.id),
      to: heldBy(lot.id, holder),
      amount,
    }))
    this.decide({ kind: 'rights.granted', body: { grant, member, ...holder }, lots: [], transfers })
    this.grants.set(grant, made)
    return made
  }

  /** Takes in a push: what is there already is passed over, what is too early is asked for again. */
  receive(holder: Holder, events: readonly Wire[]): Received {
    const chain = this.arrived.get(holder.epoch) ?? []
    this.arrived.set(holder.epoch, chain)
    for (const { seq, text, hash } of events) {
      if (seq > chain.length + 1) return { answer: 'gap', upTo: chain.length }
      const stored = chain[seq - 1]
      if (stored && stored.hash !== hash) throw new Error('forked')
      if (stored && !this.faults.has('applyTwice')) continue
      const read = unseal(text, hash)
      if (!read.ok) throw new Error(read.reason)
      if (!stored && read.event.previous !== (chain.at(-1)?.hash ?? null)) throw new Error('wrong previous')
      if (!stored) chain.push({ event: read.event, text, hash })
      this.apply(holder, read.event)
    }
    return { answer: 'stored', upTo: chain.length }
  }

  private apply(holder: Holder, event: LedgerEvent): void {
    this.known.set(event.id, event)
    if (event.kind === 'rights.acquired') {
      const grant = this.grants.get(event.body.grant)
      if (!grant || grant.accepted) throw new Error('a grant is accepted once')
      grant.accepted = true
      if (this.faults.has('postGrantTwice')) enter(this.facts, event)
      return
    }
    this.judge(holder, event)
    enter(this.facts, event)
    const followed = this.chain.length
    if ('mode' in event.body) this.reverse(event, event.body)
    const after = this.chain.slice(followed).flatMap((sealed) => sealed.event.transfers)
    this.settle(event, [...event.transfers, ...after])
  }

  private judge(holder: Holder, event: LedgerEvent): void {
    if ('mode' in event.body && event.body.mode === 'own') {
      const original = this.known.get(event.body.reverses)
      const undoes = original && JSON.stringify(inverse(original.transfers)) === JSON.stringify(event.transfers)
      if (!undoes || this.reversedBy.has(original.id)) throw new Error('not an own reversal')
      return
    }
    for (const { from } of event.transfers) if (!mayTake(holder, from)) throw new Error(`${from} is not the writer's`)
  }

  private reverse(
    event: LedgerEvent,
    { reverses, mode, member }: { reverses: EventId; mode: string; member: MemberId | null },
  ): void {
    const original = this.known.get(reverses)
    if (!original) throw new Error('a counter reverses its own events')
    if (this.reversedBy.has(reverses)) return
    this.reversedBy.set(reverses, event.id)
    if (mode === 'own') return
    const { transfers, dues, short } = reverseByServer(this.facts, event, original, [])
    if (short > 0) throw new Error('what was earned can be owed')
    if (this.faults.has('forgetDues')) for (const { lot } of dues) this.facts.dues.delete(lot)
    const due = dues.map(({ lot, amount }) => ({ lot, amount }))
    this.decide(
      { kind: 'reversal.settled', body: { cause: event.id, reverses, member, due }, lots: [], transfers },
      true,
    )
  }

  private settle(cause: LedgerEvent, moved: readonly Transfer[]): void {
    const lots = new Set(moved.flatMap(({ from, to }) => [from, to].flatMap((account) => this.lotOf(account) ?? [])))
    for (const lot of lots) this.settleLot(cause.id, lot)
  }

  private settleLot(cause: EventId | null, lot: Lot): void {
    const { transfers, taken } = settleLot(this.facts, lot)
    enter(this.facts, { transfers, lots: [] })
    this.lessen(taken)
    const elsewhere = overdue(this.facts, lot)
    this.lessen(elsewhere)
    for (const { amount } of elsewhere) {
      const taking = takeBack(this.facts, lot.member, lot.asset, amount)
      enter(this.facts, { transfers: taking.transfers, lots: [] })
      transfers.push(...taking.transfers)
    }
    if (transfers.length > 0)
      this.decide({ kind: 'lot.settled', body: { cause, member: lot.member }, lots: [], transfers }, true)
  }

  /** The night's work: what has ended is taken out of what is free. */
  turnDay(today: BusinessDate): void {
    this.facts.today = today
    for (const lot of lotsIn(this.facts)) if (isExpired(lot, today)) this.settleLot(null, lot)
  }

  private lessen(taken: readonly Due[]): void {
    for (const { cause, lot, amount } of taken) {
      for (const due of this.facts.dues.get(lot) ?? []) if (due.cause === cause) due.amount -= amount
    }
  }

  private lotOf(account: Transfer['from']): Lot | undefined {
    const parts = parseAccount(account)
    return parts.kind === 'free' || parts.kind === 'held' ? lotIn(this.facts, parts.lot) : undefined
  }

  /** Everything that two servers of one history must share. */
  state(): unknown {
    const book = [...entriesOf(this.book())].filter(([, , amount]) => amount !== 0).toSorted(byText)
    return {
      book,
      events: this.chain.length,
      dues: [...this.facts.dues.values()].flat().filter(({ amount }) => amount > 0),
    }
  }

  /** All accounts, those of lots too. */
  book(): Book {
    const book = bookOf(entriesOf(this.facts.book))
    for (const { lot, free, held } of this.facts.lots.values()) {
      setBalance(book, freeOf(lot.id), lot.asset, free)
      for (const { account, amount } of held) setBalance(book, account, lot.asset, amount)
    }
    return book
  }

  balance(account: Transfer['from'], asset: Transfer['asset']): number {
    return balanceOf(this.facts, account, asset)
  }
}

const byText = (a: BookEntry, b: BookEntry): number => (a.join(' ') < b.join(' ') ? -1 : 1)
