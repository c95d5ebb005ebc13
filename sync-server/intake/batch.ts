/** Everything that a batch of events needs to be judged and understood, loaded in bulk under the members' locks. */
import type { VisitView } from '#core/contract/views.ts'
import { claimAccount, isClaim, type Account } from '#core/ledger/account.ts'
import { isEarned } from '#core/ledger/asset.ts'
import { debtIn, lotIn, lotsIn, type Due } from '#core/ledger/consequence/facts.ts'
import type { Honoured } from '#core/ledger/consequence/reversal.ts'
import { readEvent, type LedgerEvent } from '#core/ledger/event.ts'
import { memberOf, reversesOf } from '#core/ledger/event-about.ts'
import { isExpired } from '#core/ledger/lot.ts'
import { chunks } from '#storage/bulk.ts'
import type { MemberTable } from '#storage/schema.ts'
import type { ClaimTable } from '#storage/server-tables.ts'
import { ClaimId } from '#core/ids.ts'
import {
  debtAccounts,
  learnLots,
  loadBalances,
  loadDues,
  loadExpired,
  loadMembersLots,
  lotsTouched,
  readLots,
} from '#server/ledger/facts.repository.ts'
import { locking, type Trx } from '#server/ledger/database.ts'
import { earlyLoansOf, type EarlyLoan } from '#server/claims/early.ts'
import { floorsOpen, floorsSettled, lends, type FloorLoan, type FloorSettled } from '#server/rights/floor.ts'
import { grantsById, type GrantOnRecord } from '#server/rights/grants.ts'
import { claimKeys } from '#server/claims/honour.ts'
import { loadLotLoans } from '#server/rights/lot-loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { welcomedAmong } from './welcome.ts'

export type Batch = {
  unit: Unit
  members: Map<string, MemberTable>
  /** Members who are new here, those whose names are to be written, and those whose visits are. */
  fresh: Set<string>
  named: Set<string>
  moved: Set<string>
  /** The latest visits of those, as the batch goes. */
  visits: Map<string, VisitView[]>
  /** Events that others in the batch reverse, and what has reversed them before; the batch's own are added as they are worked out. */
  known: Map<string, LedgerEvent>
  /** Whether these events came before, and had to wait. */
  waited: boolean
  /** Of what is known, what waits itself: it has no meaning yet that could be undone (R6). */
  waiting: Set<string>
  reversedBy: Map<string, string>
  claims: Map<string, ClaimTable>
  /** Claims honoured before their sales, of the counter whose events these are. */
  early: Map<string, EarlyLoan>
  /** What lots have paid of sales that stores had lent in, for those that are reversed; the batch's own are added. */
  floors: FloorSettled
  /** Floor loans that are open, of the counter whose events these are, where something of it comes home. */
  lent: FloorLoan[]
  honoured: Map<string, Honoured>
  grants: Map<string, GrantOnRecord>
  /** Who has had the welcome gift already, of those enrolled here whom others have told of; the batch's own are added. */
  welcomed: Set<string>
  /** What has become due in this batch (R6). */
  dues: Due[]
  /** Where grants were accepted that this server, put back from a backup, had forgotten and has made again (R12). */
  forgotten: number[]
}

/** `closed`: their chain is; `waited`: they came before, and had to wait. */
type Circumstances = { others?: readonly string[]; closed?: boolean; waited?: boolean }

/** Locks the members these events are about (and some others), and loads what there is to know. */
export async function loadBatch(
  unit: Unit,
  events: readonly LedgerEvent[],
  { others = [], closed = false, waited = false }: Circumstances = {},
): Promise<Batch> {
  const { trx, facts } = unit
  const own = new Set(events.map((event) => String(event.id)))
  const reversed = events.flatMap((event) => reversesOf(event) ?? [])
  const elsewhere = reversed.filter((id) => !own.has(id))
  const originals = await eventsById(trx, elsewhere)
  const waiting = await waitingAmong(trx, elsewhere)
  const claims = await lockClaims(unit, reversed)
  const reversedBy = await reversalsOf(trx, reversed)
  const reversals = await eventsById(trx, [...reversedBy.values()])
  const honoured = await honouredClaims(trx, [...claims.values()])
  const early = await earlyLoansOf(trx, events[0]?.terminal ?? '')
  const acquired = events.flatMap((event) => (event.kind === 'rights.acquired' ? [event.body.grant] : []))
  const grants = await grantsById(trx, acquired)

  const stories = [...events, ...originals.values()]
  const born = new Set(events.flatMap((event) => event.lots.map(({ id }) => String(id))))
  const named = [...lotsTouched(stories.flatMap((event) => event.transfers))].filter((id) => !born.has(id))
  const lots = [...named, ...[...honoured.values()].flatMap((parts) => parts.map(({ lot }) => lot.id))]
  const claimants = events.flatMap(({ id }) => early.get(id)?.member ?? [])
  const rows = await readLots(trx, lots)
  const affected = [
    ...new Set([
      ...stories.flatMap((event) => memberOf(event) ?? []),
      ...claimants,
      ...rows.map(({ member }) => member),
    ]),
  ]
  const members = await unit.lockMembers([...affected, ...others])

  // A lot never changes member; but what is free of it may change until that member is locked, where others write meanwhile.
  learnLots(facts, unit.dialect === 'postgres' ? await readLots(trx, lots) : rows)
  // Nor is one always new where it is born: a forgotten grant may have brought it (R12).
  learnLots(facts, await readLots(trx, [...born]))
  // Nor is what was lent to them paid by anyone from here on.
  const comesHome = events.some(({ kind }) => kind === 'rights.returned')
  const lent = comesHome && events[0] ? await floorsOpen(trx, events[0]) : []
  const floors = await floorsSettled(trx, reversed)
  const paidBack = [...floors.values()].flatMap((transfers) => [...lotsTouched(transfers)])
  learnLots(facts, await readLots(trx, paidBack))
  await loadLotLoans(trx, facts)
  await loadOthers(unit, reversed.length > 0 || events.some(lends), affected)
  const isForgotten = (event: LedgerEvent) => event.kind === 'rights.acquired' && !grants.has(event.body.grant)
  if (reversed.length > 0 || closed || events.some(isForgotten)) await loadRunOut(unit)
  await loadBalances(trx, facts, accountsBeside(unit, stories, early))
  return {
    unit,
    members,
    fresh: new Set(),
    named: new Set(),
    moved: new Set(),
    visits: new Map(),
    known: new Map([...originals, ...reversals]),
    waited,
    waiting,
    reversedBy,
    claims,
    early,
    floors,
    lent,
    honoured,
    grants,
    welcomed: await welcomedBefore(unit, events, members),
    dues: [],
    forgotten: [],
  }
}

/** Whoever is enrolled only after others have told of them may be one with somebody by then. */
async function welcomedBefore(
  unit: Unit,
  events: readonly LedgerEvent[],
  members: ReadonlyMap<string, MemberTable>,
): Promise<Set<string>> {
  const isKnown = (event: LedgerEvent) => event.kind === 'member.enrolled' && members.has(event.body.member)
  return events.some(isKnown) ? welcomedAmong(unit, members.keys()) : new Set()
}

/** Lots beyond those the events name: whatever a clawback may have to fall back on, or a loan is met from. */
async function loadOthers({ trx, facts }: Unit, needed: boolean, affected: readonly string[]): Promise<void> {
  await loadDues(trx, facts)
  if (needed) {
    await loadMembersLots(trx, facts, affected, null)
  } else if (facts.dues.size > 0) {
    const owing = [...facts.dues.keys()].flatMap((id) => lotIn(facts, id)?.member ?? [])
    await loadMembersLots(trx, facts, owing, null)
  }
}

/** Of lots past their last day, what has run out: when it is undone, or used in time after all, that counts. */
async function loadRunOut({ trx, facts }: Unit): Promise<void> {
  const gone = lotsIn(facts).filter((lot) => isExpired(lot, facts.today))
  await loadExpired(trx, facts, gone)
}

function accountsBeside(unit: Unit, stories: readonly LedgerEvent[], early: Map<string, EarlyLoan>): Set<Account> {
  const accounts = debtAccounts(unit.facts)
  for (const event of stories) {
    for (const lot of event.lots) {
      if (isEarned(lot.asset)) accounts.add(debtIn(unit.facts, lot.member, lot.asset))
    }
    const claimant = early.get(event.id)?.member
    for (const { asset, from, to } of event.transfers) {
      if (claimant) accounts.add(debtIn(unit.facts, claimant, asset))
      if (isClaim(from)) accounts.add(from)
      if (isClaim(to)) accounts.add(to)
    }
    const reverses = reversesOf(event)
    if (reverses !== null) accounts.add(claimAccount(ClaimId.parse(reverses)))
  }
  return accounts
}

async function eventsById(trx: Trx, ids: readonly string[]): Promise<Map<string, LedgerEvent>> {
  const events = new Map<string, LedgerEvent>()
  for (const part of chunks([...new Set(ids)], 1)) {
    for (const { text } of await trx.selectFrom('event').select('text').where('id', 'in', part).execute()) {
      const read = readEvent(text)
      if (read.ok) events.set(read.event.id, read.event)
    }
  }
  return events
}

async function waitingAmong(trx: Trx, ids: readonly string[]): Promise<Set<string>> {
  const waiting = new Set<string>()
  for (const part of chunks([...new Set(ids)], 1)) {
    const rows = await trx.selectFrom('waiting').select('event_id').where('event_id', 'in', part).execute()
    for (const { event_id } of rows) waiting.add(event_id)
  }
  return waiting
}

async function reversalsOf(trx: Trx, ids: readonly string[]): Promise<Map<string, string>> {
  const reversals = new Map<string, string>()
  for (const part of chunks([...new Set(ids)], 1)) {
    for (const row of await trx.selectFrom('reversal').selectAll().where('event_id', 'in', part).execute()) {
      reversals.set(row.event_id, row.reversed_by)
    }
  }
  return reversals
}

/** Locked, as whoever takes a claim locks it first: a sale may be voided at the very moment its receipt is scanned. */
async function lockClaims({ trx, dialect }: Unit, ids: readonly string[]): Promise<Map<string, ClaimTable>> {
  const claims = new Map<string, ClaimTable>()
  for (const part of chunks([...new Set(ids)].toSorted(), 1)) {
    const query = trx.selectFrom('claim').selectAll().where('id', 'in', part).orderBy('id')
    const rows = await locking(dialect, query).execute()
    for (const row of rows) claims.set(row.id, row)
  }
  return claims
}

/** The lots that honoured claims became. */
async function honouredClaims(trx: Trx, claims: readonly ClaimTable[]): Promise<Map<string, Honoured>> {
  const byKey = new Map<string, string>()
  for (const { id, state } of claims) if (state === 'honoured') for (const key of claimKeys(id)) byKey.set(key, id)
  const found = new Map<string, Honoured>()
  for (const part of chunks([...byKey.keys()], 1)) {
    const rows = await trx.selectFrom('consequence').selectAll().where('key', 'in', part).execute()
    const events = await eventsById(
      trx,
      rows.map((row) => row.event_id),
    )
    for (const { key, event_id } of rows) {
      const claim = byKey.get(key) ?? ''
      const lots = (events.get(event_id)?.lots ?? []).map((lot) => ({ lot, amount: lot.quantity }))
      found.set(claim, [...(found.get(claim) ?? []), ...lots])
    }
  }
  return found
}
