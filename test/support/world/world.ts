/** A shop in memory: a few counters, one server, and a network that delays, repeats and loses. */
import { addDays } from '#core/business-date.ts'
import { EpochId, EventId, GrantId, LotId, TerminalId, type MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { POINTS, type Asset } from '#core/ledger/asset.ts'
import { Lot } from '#core/ledger/lot.ts'
import { BEANS, COFFEE, couponOf, memberId, today, uuid, VALUE } from '#test/support/programme.ts'
import { Counter } from './counter.ts'
import type { Fault, Grant, Wire } from './faults.ts'
import { Server, type WantedAmount } from './server.ts'

export const MEMBERS: readonly MemberId[] = [memberId(1), memberId(2)]

/** What each member begins with; some of it ends soon. */
const GIFTS: readonly [Asset, number, number | null][] = [
  [POINTS, 12, 1],
  [VALUE, 800, null],
  [COFFEE, 3, 2],
  [BEANS, 2, null],
  [couponOf('ten-percent'), 1, null],
  [couponOf('hundred-off'), 1, 3],
  [couponOf('free-latte'), 1, null],
]

export class World {
  readonly server: Server
  readonly counters: Counter[]
  readonly faults: ReadonlySet<Fault>
  /** Every push there was, to be delivered again. */
  readonly posted: { holder: Holder; events: Wire[] }[] = []
  /** Business days gone by. */
  days = 0
  private minted = 0x10_0000

  constructor(counters: number, faults: readonly Fault[] = []) {
    this.faults = new Set(faults)
    this.server = new Server(today, () => this.mint(), this.faults)
    this.counters = Array.from({ length: counters }, (_, n) => {
      const holder = { terminal: TerminalId.parse(`C0VNT${n}`), epoch: EpochId.parse(`EP0CH${n}`) }
      return new Counter(holder, today, this.faults)
    })
    for (const member of MEMBERS) this.server.give(member, this.gifts(member))
  }

  private gifts(member: MemberId): Lot[] {
    const origin = this.mint()
    return GIFTS.map(([asset, quantity, days], n) => {
      const expiresOn = days === null ? null : addDays(today, days)
      const terms = { source: 'issued', paid: 0 }
      const id = LotId.parse(`${origin}.${n}`)
      return Lot.parse({ id, member, asset, quantity, issuedAt: n, expiresOn, terms, code: null })
    })
  }

  mint(): EventId {
    return EventId.parse(uuid(this.minted++))
  }

  counter(n: number): Counter {
    return this.counters[n % this.counters.length]!
  }

  /** Asks the server for what a counter lacks, twice: an answer that got lost is asked for again. */
  request(counter: Counter, member: MemberId, wants: readonly WantedAmount[]): Grant | null {
    const id = GrantId.parse(this.mint())
    this.server.acquire(counter.holder, id, member, wants)
    return this.server.acquire(counter.holder, id, member, wants)
  }

  /** Acquires what is missing and takes it in at once. */
  acquire(counter: Counter, member: MemberId, needs: readonly WantedAmount[]): void {
    const inHand = (fits: (lot: Lot) => boolean) =>
      counter
        .member(member)
        .held.filter(({ lot }) => fits(lot) && (lot.expiresOn === null || lot.expiresOn >= this.server.facts.today))
        .reduce((sum, { amount }) => sum + amount, 0)
    const wants = needs.map(({ fits, amount }) => ({ fits, amount: amount - inHand(fits) }))
    if (wants.every(({ amount }) => amount <= 0)) return
    const grant = this.request(counter, member, wants)
    if (grant) counter.accept(grant)
  }

  push(counter: Counter, limit: number, lost: boolean): void {
    const events = counter.outgoing(limit)
    if (events.length === 0) return
    this.posted.push({ holder: counter.holder, events })
    const { upTo } = this.server.receive(counter.holder, events)
    if (!lost) counter.acked = upTo
  }

  nextDay(): void {
    this.days++
    const day = addDays(today, this.days)
    for (const counter of this.counters) counter.today = day
    this.server.turnDay(day)
  }

  /** Grants are taken in, everything goes home, everything is sent. */
  bringHome(): void {
    for (const counter of this.counters) {
      for (const grant of this.server.grants.values()) {
        if (grant.holder === counter.holder && !counter.has(grant.grant)) counter.accept(grant)
      }
      counter.returnAll(this.mint())
      while (counter.acked < counter.chain.length) this.push(counter, 500, false)
    }
  }
}
