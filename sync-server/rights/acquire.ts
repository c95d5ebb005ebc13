/** R2: all that one checkout needs of one member, or a refusal that says what could be had and where the rest is. */
import type { Cursor, Granted, Want } from '#core/contract/sync.ts'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import { Granted as GrantedSchema } from '#core/contract/sync.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { Amount, type BusinessDate, type GrantId, type MemberId } from '#core/ids.ts'
import { freeOf, heldBy, parseAccount, type Holder } from '#core/ledger/account.ts'
import { Asset, assetKind } from '#core/ledger/asset.ts'
import { balanceOf, dueOf, freeIn, holdingsOf, lotsIn, type Facts } from '#core/ledger/consequence/facts.ts'
import { byUse, isExpired, pick, type Lot, type Part } from '#core/ledger/lot.ts'
import type { HeldElsewhere, Refusal } from '#core/ledger/refusal.ts'
import type { ServerDatabase, Trx } from '#server/ledger/database.ts'
import { debtAccounts, loadBalances, loadDues, loadMembersLots } from '#server/ledger/facts.repository.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { answered, recallHeld } from './recall.ts'
import { isRestoring, noteRestored } from '#server/restore/restored.ts'
import type { Nudge } from '#server/ledger/nudge.ts'
import { lockChain } from '#server/sync/chain.ts'
import { headOf, isKnown } from '#server/sync/pull.ts'
import type { Inbox } from '#server/sync/inbox.ts'
import { lotRows, personRows } from '#server/sync/states.ts'

export type Acquire = {
  holder: Holder
  store: string
  /** The state that the counter goes by, where it says. */
  cursor?: Cursor | undefined
  grant: GrantId
  member: MemberId
  wants: readonly Want[]
  /** Grants that the counter says it has, whatever its chain says here. */
  taken: readonly GrantId[]
}
export type Acquired =
  | { ok: true; granted: Granted | null; pending: Granted[]; rows: SyncRow[]; ack: number }
  | { ok: false; refusal: Refusal }
  /** What the counter has sent of its own cannot be worked out in time: of what there is nothing can be said yet. */
  | 'busy'

/** A cashier gives up after 1.5 s, of which the way here and back takes its part. */
const WAIT_MS = 1_000

export type Rights = {
  database: ServerDatabase
  ledger: Ledger
  inbox: Pick<Inbox, 'settle'>
  nudge: Nudge
  waitMs?: number | undefined
}

/**
 * Grants are recorded under the request's id and answered alike for ever; a refusal means nothing and may be asked again.
 * What the counter has pushed before counts. Where others hold what is missing, they are asked for it, and what they hand
 * back in time is granted (R7).
 */
export async function acquire(
  { database, ledger, inbox, nudge, waitMs = WAIT_MS }: Rights,
  request: Acquire,
): Promise<Acquired> {
  const until = performance.now() + waitMs
  if (!(await inbox.settle(request.holder, waitMs))) return 'busy'
  const decideNow = () => ledger.write(request.store, (unit) => decide(unit, request))
  let answer = await decideNow()
  // What was free a moment ago may be someone's home share by now: that is asked for as well, while there is time.
  while (!answer.ok && answer.recalls.length > 0 && performance.now() < until) {
    await answered(database.db, nudge, answer.recalls, until - performance.now())
    answer = await decideNow()
  }
  if (!answer.ok) {
    if (answer.provesRestore) await noteRestored(ledger, request.holder.terminal)
    return { ok: false, refusal: answer.refusal }
  }
  const grants = answer.granted ? [...answer.pending, answer.granted] : answer.pending
  const lots = grants.flatMap(({ parts }) => parts.map(({ lot }) => String(lot.id)))
  // A counter that has not heard of a merge sees whose the lots are by the members that come with them.
  const seen = await database.atOneMoment(async (trx) => ({
    rows: [...(await personRows(trx, request.member)), ...(await lotRows(trx, lots))],
    ack: (await headOf(trx, request.holder)).seq,
  }))
  return { ...answer, ...seen }
}

type Answer = { ok: true; granted: Granted | null; pending: Granted[] } | Short

async function decide(unit: Unit, request: Acquire): Promise<Answer> {
  const { trx, facts } = unit
  const { holder, grant, member } = request
  const { closed } = await lockChain(unit, holder)
  const people = await unit.lockMembers([member])
  const pending = await unaccepted(trx, request, [...people.keys()])
  const before = await trx.selectFrom('grant_made').selectAll().where('id', '=', grant).executeTakeFirst()
  if (before) {
    if (before.terminal !== holder.terminal || before.member !== member)
      throw new Error('a grant id belongs to one request')
    return { ok: true, granted: GrantedSchema.parse(JSON.parse(before.answer)), pending }
  }
  if (closed) return short({ code: 'frozen', reason: WITHHELD.epochClosed })
  if (await isRestoring(trx)) return short({ code: 'restoring' })
  // It goes by a state that this database never had (R12), of which it may have been granted what looks free here.
  if (request.cursor && !(await isKnown(trx, request.cursor)))
    return { ...short({ code: 'restoring' }), provesRestore: true }
  // All lots in the facts are this person's, under whichever id.
  await loadMembersLots(trx, facts, [member], null)
  await loadDues(trx, facts)
  await loadBalances(trx, facts, debtAccounts(facts))
  const wants = stillWanted(request.wants, pending, unit.today)
  if (wants.length === 0) return { ok: true, granted: null, pending }
  const picked = await pickAll(unit, { ...request, wants })
  if (!picked.ok) return picked
  return { ok: true, granted: recordGrant(unit, { ...request, parts: picked.parts }), pending }
}

/** What this counter has been granted of this person and has not accepted: home share, or an answer that was lost. */
async function unaccepted(trx: Trx, { holder, grant, taken }: Acquire, members: readonly string[]): Promise<Granted[]> {
  const rows = await trx
    .selectFrom('grant_made')
    .select('answer')
    .where('terminal', '=', holder.terminal)
    .where('epoch', '=', holder.epoch)
    .where('accepted', '=', 0)
    .where('member', 'in', members)
    .where('id', '<>', grant)
    .execute()
  return rows.map(({ answer }) => GrantedSchema.parse(JSON.parse(answer))).filter((one) => !taken.includes(one.grant))
}

/** The wants less what is on its way to the counter already, and has not run out on it. */
function stillWanted(wants: readonly Want[], pending: readonly Granted[], today: BusinessDate): Want[] {
  const coming = new Map<string, { lot: Lot; amount: number }>()
  const usable = pending.flatMap(({ parts }) => parts).filter(({ lot }) => !isExpired(lot, today))
  for (const { lot, amount } of usable) coming.set(lot.id, { lot, amount: (coming.get(lot.id)?.amount ?? 0) + amount })
  return wants.flatMap((want) => {
    let left = want.amount
    for (const part of coming.values()) {
      if (!isWanted(part.lot, want)) continue
      const taken = Math.min(left, part.amount)
      part.amount -= taken
      left -= taken
    }
    return left > 0 ? [{ ...want, amount: left }] : []
  })
}

/** What is granted to whom, under which id. */
export type Grant = Pick<Acquire, 'holder' | 'store' | 'grant' | 'member'> & { parts: readonly Part[] }

/** Moves it into the counter's keeping, and keeps the answer until the counter has accepted it. */
export function recordGrant(unit: Unit, { holder, store, grant, member, parts }: Grant): Granted {
  const granted: Granted = { grant, member, parts: parts.map(({ lot, amount }) => ({ lot, amount })) }
  const id = unit.mint.event()
  const transfers = granted.parts.map(({ lot, amount }) => ({
    asset: lot.asset,
    from: freeOf(lot.id),
    to: heldBy(lot.id, holder),
    amount,
  }))
  unit.decide({ id, draft: { kind: 'rights.granted', body: { grant, member, ...holder }, lots: [], transfers } }, store)
  const row = {
    id: grant,
    ...holder,
    member,
    event_id: id,
    answer: JSON.stringify(granted),
    accepted: 0,
    created_at: unit.now,
  }
  unit.later((trx) => trx.insertInto('grant_made').values(row).execute())
  return granted
}

/** The event that takes a grant in carries its lots; with wants of single lots beside these, more would not fit the wire. */
const LOTS_MAX = 400

/** `recalls`: whose answers could make it good. `provesRestore`: that the counter knows more than this server. */
type Short = { ok: false; refusal: Refusal; recalls: string[]; provesRestore?: boolean }
const short = (refusal: Refusal, recalls: string[] = []): Short => ({ ok: false, refusal, recalls })

type Picked = { ok: true; parts: Part[] } | Short

/** Serves each want from what is free, one after another; all of them, or none, and then what is missing of any is asked for. */
async function pickAll(unit: Unit, request: Acquire): Promise<Picked> {
  const left = new Map<string, number>()
  const available = (lot: Lot) => left.get(lot.id) ?? Math.max(0, freeIn(unit.facts, lot) - dueOf(unit.facts, lot.id))
  const chosen = new Map<string, Part>()
  const recalls: string[] = []
  let refused: Refusal | null = null
  for (const want of request.wants) {
    const lots = lotsIn(unit.facts).filter((lot) => isWanted(lot, want))
    const usable = lots.filter((lot) => !isExpired(lot, unit.today)).map((lot) => ({ lot, amount: available(lot) }))
    const within = want.kind === 'lot' ? usable : firstToUse(usable, LOTS_MAX - chosen.size)
    const { parts, short: missing } = pick(within, want.amount)
    if (missing > 0) {
      const live = usable.map(({ lot }) => lot)
      recalls.push(...(await recallHeld(unit, live, missing, 'missing', request.holder)))
      refused ??= await refusal(unit, request.holder, want, lots, { usable, within })
    }
    for (const { lot, amount } of parts) {
      left.set(lot.id, available(lot) - amount)
      chosen.set(lot.id, { lot, amount: (chosen.get(lot.id)?.amount ?? 0) + amount })
    }
  }
  return refused ? short(refused, recalls) : { ok: true, parts: [...chosen.values()] }
}

const firstToUse = (parts: readonly Part[], most: number): Part[] =>
  parts
    .filter(({ amount }) => amount > 0)
    .toSorted((a, b) => byUse(a.lot, b.lot))
    .slice(0, Math.max(0, most))

const isWanted = (lot: Lot, want: Want): boolean =>
  want.kind === 'lot' ? lot.id === want.lot : lot.asset === want.asset

/** What is free of the wanted lots, and of this what one grant can carry. */
type Free = { usable: readonly Part[]; within: readonly Part[] }

async function refusal(unit: Unit, holder: Holder, want: Want, lots: readonly Lot[], free: Free): Promise<Refusal> {
  const [only] = lots
  if (want.kind === 'lot' && only && isExpired(only, unit.today)) {
    return { code: 'couponExpired', lot: want.lot, expiredOn: only.expiresOn ?? '' }
  }
  const live = lots.filter((lot) => !isExpired(lot, unit.today))
  const elsewhere = await heldElsewhere(unit, holder, live)
  if (want.kind === 'lot' && !(await isValue(unit.trx, want.lot))) {
    return { code: 'couponUnavailable', lot: want.lot, elsewhere, offline: false }
  }
  const own = live.reduce((sum, lot) => sum + ownPart(unit.facts, holder, lot), 0)
  const here = own + sumOf(free.within)
  if (want.kind === 'lot') {
    const missing = Amount.parse(want.amount - Math.min(here, want.amount))
    return { code: 'valueNotHere', missing, elsewhere, offline: false }
  }
  return insufficient(want.asset, want.amount, here, own + sumOf(free.usable) + sumOf(elsewhere), elsewhere)
}

/** Asked of the lot's row: the facts have only lots with something left. */
async function isValue(trx: Trx, lot: string): Promise<boolean> {
  const row = await trx.selectFrom('lot').select('asset').where('id', '=', lot).executeTakeFirst()
  return row !== undefined && assetKind(Asset.parse(row.asset)) === 'value'
}

const sumOf = (parts: readonly { amount: number }[]): number => parts.reduce((sum, { amount }) => sum + amount, 0)

const ownPart = (facts: Facts, holder: Holder, lot: Lot): number => balanceOf(facts, heldBy(lot.id, holder), lot.asset)

function insufficient(asset: Asset, wanted: number, here: number, total: number, elsewhere: HeldElsewhere[]): Refusal {
  return {
    code: 'insufficient',
    asset,
    wanted: Amount.parse(wanted),
    usableHere: Amount.parse(here),
    total: Amount.parse(total),
    elsewhere,
    offline: false,
  }
}

/** What others hold of these lots, by the names of their counters. */
async function heldElsewhere({ trx, facts }: Unit, holder: Holder, lots: readonly Lot[]): Promise<HeldElsewhere[]> {
  const byTerminal = new Map<string, number>()
  for (const lot of lots) {
    for (const { account, amount } of holdingsOf(facts, lot)) {
      const parts = parseAccount(account)
      if (parts.kind !== 'held' || (parts.terminal === holder.terminal && parts.epoch === holder.epoch)) continue
      byTerminal.set(parts.terminal, (byTerminal.get(parts.terminal) ?? 0) + amount)
    }
  }
  const names = await namesOf(trx, [...byTerminal.keys()])
  return [...byTerminal].map(([terminal, amount]) => ({
    counter: names.get(terminal) ?? terminal,
    amount: Amount.parse(amount),
  }))
}

async function namesOf(trx: Trx, terminals: readonly string[]): Promise<Map<string, string>> {
  if (terminals.length === 0) return new Map()
  const rows = await trx.selectFrom('terminal').select(['id', 'name']).where('id', 'in', terminals).execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}
