/**
 * R7: asking counters to hand back. A recall is a row under the cursor, for one counter alone; that counter's
 * `rights.returned` names it, and what has been answered once is not answered again. It stays open while its counter is
 * off, but nobody waits for it beyond its deadline.
 */
import { v7 as uuidv7 } from 'uuid'
import type { Holder } from '#core/ledger/account.ts'
import { dueOf, heldByOthers, lotIn, type Due } from '#core/ledger/consequence/facts.ts'
import { byUse, type Lot } from '#core/ledger/lot.ts'
import type { Db } from '#server/ledger/database.ts'
import type { Nudge } from '#server/ledger/nudge.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** Whoever asks within this time of the first asking may hope for an answer. */
const DEADLINE_MS = 10_000
const LOOK_AGAIN_MS = 200

/** `missing`: a cashier waits for it. `due`: it is not its member's any more (R6). */
type Reason = 'missing' | 'due'

type Open = { id: string; deadline: number }

/**
 * Asks others than `asking` for so much of these lots, soonest to end first; gives the recalls that may still be answered
 * in time. What is asked for already is not asked for again.
 */
export async function recallHeld(
  unit: Unit,
  lots: readonly Lot[],
  amount: number,
  reason: Reason,
  asking: Holder | null = null,
): Promise<string[]> {
  const open: Open[] = []
  let left = amount
  for (const lot of lots.toSorted(byUse)) {
    for (const { terminal, epoch, amount: held } of heldByOthers(unit.facts, lot, asking)) {
      const wanted = Math.min(held, left)
      if (wanted === 0) continue
      left -= wanted
      open.push(await ask(unit, { lot: lot.id, terminal, epoch, amount: wanted }, reason))
    }
  }
  return open.filter(({ deadline }) => deadline > unit.now).map(({ id }) => id)
}

/** Calls back what is due of lots that counters still hold (R6). */
export async function recallDues(unit: Unit, dues: readonly Due[]): Promise<void> {
  for (const id of new Set(dues.map(({ lot }) => lot))) {
    const lot = lotIn(unit.facts, id)
    const amount = dueOf(unit.facts, id)
    if (lot && amount > 0) await recallHeld(unit, [lot], amount, 'due')
  }
}

type Asked = { lot: string; terminal: string; epoch: string; amount: number }

async function ask(unit: Unit, { lot, terminal, epoch, amount }: Asked, reason: Reason): Promise<Open> {
  const before = await unit.trx
    .selectFrom('recall')
    .select(['id', 'amount', 'deadline'])
    .where('lot', '=', lot)
    .where('answered', '=', 0)
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  if (before && before.amount >= amount) return before
  const { id, deadline } = before ?? { id: uuidv7(), deadline: unit.now + DEADLINE_MS }
  const row = { id, lot, terminal, epoch, amount, reason, deadline, answered: 0 }
  unit.changed('recall', id, terminal)
  unit.later((trx) =>
    trx
      .insertInto('recall')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ amount }))
      .execute(),
  )
  return { id, deadline }
}

/** What a counter's `rights.returned` has answered; a recall of another's stays as it is. */
export function markAnswered(unit: Unit, terminal: string, ids: readonly string[]): void {
  if (ids.length === 0) return
  unit.later((trx) =>
    trx
      .updateTable('recall')
      .set({ answered: 1 })
      .where('id', 'in', ids)
      .where('terminal', '=', terminal)
      .where('answered', '=', 0)
      .execute(),
  )
}

/** Waits until these are answered, and no longer than `ms`. Holds nothing meanwhile; says whether all are. */
export async function answered(db: Db, nudge: Nudge, ids: readonly string[], ms: number): Promise<boolean> {
  const until = performance.now() + ms
  let wake = () => {}
  const stop = nudge.listen(() => wake())
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const open = db.selectFrom('recall').select('id').where('id', 'in', ids).where('answered', '=', 0)
      if (!(await open.limit(1).executeTakeFirst())) return true
      const left = until - performance.now()
      if (left <= 0) return false
      // Other servers' commits may go unheard while their line is being made again.
      await Promise.race([woken, wait(Math.min(left, LOOK_AGAIN_MS))])
    }
  } finally {
    stop()
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
