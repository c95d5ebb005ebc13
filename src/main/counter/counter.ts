/** What the parts of a running counter share: its chain, its knowledge of the shop, its clock, its way to the server. */
import type { Kysely } from 'kysely'
import { businessDateAt } from '#core/business-date.ts'
import { dayNow, type Recorded } from '#core/clock.ts'
import type { Granted, TransactionWanted, Want } from '#core/contract/sync.ts'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import type { Settings } from '#core/contract/terminal.ts'
import type { StaffView } from '#core/contract/views.ts'
import type { GrantId, MemberId } from '#core/ids.ts'
import type { Claim } from '#core/claim/token.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Standing } from '#core/ledger/standing.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { Clock } from './clock.ts'
import type { Day } from './day.ts'
import type { CounterLedger, Moment, Unit } from './ledger.ts'
import type { Identity } from './meta.ts'
import type { Shop } from './shop.ts'

/** Grants and the lots' latest state, from the server; `ack` is the last own seq which that state contains. */
export type Acquired = { grants: Granted[]; rows: SyncRow[]; ack: number }

/**
 * What the server has of a transaction; `event` is null where it has none, or none that this program can read. `known` is
 * false where it has none, and null where it cannot say yet.
 */
export type Elsewhere = { event: LedgerEvent | null; reversed: boolean; known: boolean | null }

/** The way to the server, as the counter's commands see it. */
export type Rights = {
  online(): boolean
  /** Whether the store's floor limits hold now: where the server is out of reach, not where it withholds. */
  mayLend(): boolean
  /** Whether what is in this counter's keeping is still its own: not once it has been told that its epoch is over (R11). */
  mayUseKept(): boolean
  /** Null when the server cannot be reached in time: then what is in hand must do. */
  acquire(request: { grant: GrantId; member: MemberId; wants: Want[] }): Promise<Planned<Acquired> | null>
  /** Takes in what was acquired, inside a command's write. */
  accept(unit: Unit, acquired: Acquired): Promise<void>
  /** While a checkout is open, nothing of this member's is handed back under it. */
  hold(member: MemberId): () => void
  /** Something was written: send it soon. */
  nudge(): void
}

/** Where somebody stands after this counter's own events up to `upTo`, by what the server had told of those up to `since`. */
export type Reckoned = { told: Standing; since: number; upTo: number; standing: Standing }

export type Counter = {
  db: Kysely<CounterTables>
  identity: Identity
  ledger: CounterLedger
  rights: Rights
  day: Day
  /** What the server has of a transaction; null when it cannot be asked, or does not answer in time. */
  elsewhere(wanted: TransactionWanted): Promise<Elsewhere | null>
  /** One command at a time for each member. */
  inTurn<T>(member: MemberId, work: () => Promise<T>): Promise<T>
  shop(): Shop
  settings(): Settings
  /** The last own seq the pulled state contains. */
  ack(): number
  /** What was last reckoned of whom: only what has come since is read. */
  standings: Map<string, Reckoned>
  /** Whether that state is of one moment, which `ack` tells; not so while a pull is under way, or after it was cut off. */
  isWhole(): boolean
  /** The last own seq that the server has said it has, whether or not the pulled state contains it. */
  storedUpTo(): number
  /** The server has said that all own events up to this seq are stored. */
  stored(seq: number): void
  staff(): StaffView | null
  moment(): Moment
  signClaim(claim: Claim): string
  /** What is known of members has changed; screens should look again. */
  changed(): void
  print(): void
}

/** This instant, as an event will have it. */
export function momentAt(clock: Pick<Clock, 'wall' | 'now'>, shop: Shop, last: Recorded | null): Moment {
  const [wall, now] = [clock.wall(), clock.now()]
  const day = businessDateAt(now, shop.store.zone, shop.store.cutOffHour)
  return { wall, now, today: dayNow(now, day, last) }
}
