/**
 * How every command at this counter runs: acquire what is missing (R2), then one transaction in which the grant is
 * accepted, the plan is made against what is in hand (R1), its event and its receipt are written. Only then is it done.
 */
import { v7 as uuidv7 } from 'uuid'
import type { Want } from '#core/contract/sync.ts'
import type { Done } from '#core/contract/views.ts'
import { Amount, GrantId, MemberId, type EventId, type LotId, type StaffId } from '#core/ids.ts'
import type { Asset } from '#core/ledger/asset.ts'
import type { Draft, LedgerEvent } from '#core/ledger/event.ts'
import { isTooLarge } from '#core/ledger/limits.ts'
import { isExpired, type Part } from '#core/ledger/lot.ts'
import type { MemberState, PlanContext } from '#core/ledger/plan/context.ts'
import { planned, refuse, type Planned, type Refusal } from '#core/ledger/refusal.ts'
import { standingAfter } from '#core/ledger/standing.ts'
import { eventRowById, ownEvent } from '#storage/event.repository.ts'
import { memberById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Acquired, Counter } from './counter.ts'
import { floorFor } from './floor.ts'
import { doneBefore, doneOf } from './done.ts'
import { inKeeping, lotsAfter, type LotHere } from './holdings.ts'
import type { Unit } from './ledger.ts'
import { memberHere, memberState, type MemberHere } from './member-state.ts'
import { idsOf, panelWith } from './member-view.ts'
import { queueReceipt } from './receipts.ts'
import { rememberStanding } from './standing.ts'

/** What a command needs of the member's holdings, in all. */
export type Needs = { amounts: { asset: Asset; amount: number }[]; lots: { lot: LotId; amount: number }[] }
export const NOTHING: Needs = { amounts: [], lots: [] }

export type Command = {
  id: EventId
  member: MemberId | null
  needs: Needs
  approvedBy: StaffId | null
  /** What a refund undoes, for its receipt. */
  undoes?: LedgerEvent
  plan(context: PlanContext, member: MemberState | null, unit: Unit): Planned<Draft> | Promise<Planned<Draft>>
}

/** Runs a command once: the same id gives the same answer, however often it is asked. */
export async function run(counter: Counter, asked: Command): Promise<Planned<Done>> {
  await counter.day.begin()
  const member = asked.member && (await nameOf(counter, asked.member))
  const command = { ...asked, member }
  if (member === null) return runOnce(counter, command)
  const release = counter.rights.hold(member)
  try {
    // By turns: two at once would each acquire what only one of them will spend.
    return await counter.inTurn(member, () => runOnce(counter, command))
  } finally {
    release()
  }
}

/** The id that a person's doings go under, as far as it is known here. */
async function nameOf({ db }: Counter, id: MemberId): Promise<MemberId> {
  const row = await memberById(db.$pickTables<LedgerName>(), id)
  return row && row.root !== null ? MemberId.parse(row.root) : id
}

async function runOnce(counter: Counter, command: Command): Promise<Planned<Done>> {
  const wants = await missingOf(counter, command)
  const acquired = await acquire(counter, command, wants)
  if (acquired && !acquired.ok) return acquired
  const done = await counter.ledger.write((unit) => commit(counter, unit, command, acquired?.value ?? null))
  if (done.ok) counter.print()
  // What was acquired for a checkout that is refused goes back at once too.
  if (done.ok || acquired) {
    counter.changed()
    counter.rights.nudge()
  }
  return done
}

async function commit(
  counter: Counter,
  unit: Unit,
  command: Command,
  acquired: Acquired | null,
): Promise<Planned<Done>> {
  const again = await eventRowById(unit.trx.$pickTables<LedgerName>(), command.id)
  if (again) return planned(await doneBefore(counter, ownEvent(again), unit.trx))
  const moment = counter.moment()
  const by = { staff: counter.staff()?.id ?? null, approvedBy: command.approvedBy }
  if (acquired) await counter.rights.accept(unit, acquired)

  const member = await memberHere(counter, command.member, unit.trx)
  // Money goes back to whom a twin of this disk has enrolled, though the shop does not know them (R11).
  if (command.member && !member && !command.undoes) return refuse({ code: 'memberUnknown' })
  const floor = member && needsAny(command.needs) ? await floorFor(counter, unit.trx, idsOf(member.person)) : null
  const context: PlanContext = {
    holder: counter.ledger.holder,
    event: command.id,
    now: moment.now,
    today: moment.today,
    programme: counter.shop().programme,
    receipt: unit.nextReceipt(),
    floor,
  }
  const plan = await command.plan(context, member && memberState(counter, member, floor), unit)
  if (!plan.ok) return plan
  if (isTooLarge(plan.value)) return refuse({ code: 'tooLarge' })
  const { event } = await unit.append(command.id, plan.value, moment, by)
  const panel = member && (await panelAfter(counter, member, event, unit))
  const printJob = await queueReceipt(counter, unit.trx, event, { panel, undoes: command.undoes ?? null })
  return planned(doneOf(event, panel, printJob))
}

async function panelAfter(
  counter: Counter,
  { person, reckoned, lots: before }: MemberHere,
  event: LedgerEvent,
  unit: Unit,
) {
  const standing = standingAfter(counter.shop().programme, reckoned.standing, event)
  unit.afterwards(() => rememberStanding(counter, person, { ...reckoned, upTo: event.seq, standing }))
  const lots = await lotsAfter(unit.trx, before, event, counter.ledger.holder)
  return panelWith(counter, person, { standing, lots }, unit.trx)
}

/** What to ask the server for; nothing while it is out of reach. */
async function missingOf(counter: Counter, { member, needs }: Command): Promise<Want[]> {
  if (!member || !counter.rights.online() || !needsAny(needs)) return []
  const known = await memberHere(counter, member)
  return known ? missing(needs, known.lots, counter) : []
}

async function acquire(counter: Counter, command: Command, wants: Want[]): Promise<Planned<Acquired> | null> {
  if (!command.member || wants.length === 0) return null
  const acquired = await counter.rights.acquire({ grant: GrantId.parse(uuidv7()), member: command.member, wants })
  return acquired && !acquired.ok ? refuse(inWhole(acquired.refusal, command.needs)) : acquired
}

const needsAny = ({ amounts, lots }: Needs): boolean => lots.length > 0 || amounts.some(({ amount }) => amount > 0)

/** The server speaks of what was asked of it; the cashier, of what the checkout needs in all. */
function inWhole(refusal: Refusal, needs: Needs): Refusal {
  if (refusal.code !== 'insufficient') return refusal
  const need = needs.amounts.find(({ asset }) => asset === refusal.asset)
  return need ? { ...refusal, wanted: Amount.parse(need.amount) } : refusal
}

function missing(needs: Needs, lots: readonly LotHere[], counter: Counter): Want[] {
  const { today } = counter.moment()
  const inHand = (fits: (part: Part) => boolean) =>
    inKeeping(lots)
      .filter((part) => !isExpired(part.lot, today) && fits(part))
      .reduce((sum, part) => sum + part.amount, 0)
  return [
    ...needs.amounts.map(({ asset, amount }) => ({
      kind: 'amount' as const,
      asset,
      amount: amount - inHand(({ lot }) => lot.asset === asset),
    })),
    ...needs.lots.map(({ lot: id, amount }) => ({
      kind: 'lot' as const,
      lot: id,
      amount: amount - inHand(({ lot }) => lot.id === id),
    })),
  ].filter((want) => want.amount > 0)
}
