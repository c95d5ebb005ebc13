/** A sale and at once its refund: the member is as before, on the spot and when everything is home (invariant 8). */
import { sql } from 'kysely'
import type { MemberPanel } from '#core/contract/views.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import { belongingsOf } from '#test/simulation/checks/belongings.ts'
import type { World } from '#test/simulation/world.ts'
import { refundSale, sellAt } from './sales.ts'
import { at, panelOf, round, someone, type Step, type Steps } from './step.ts'

async function saleUndone(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const b = step.b % 4 === 0 ? step.b + 1 : step.b
  const member = someone(world, b)
  const home = step.c % 2 === 0
  if (home && !(await isHome(world, counter))) return
  const before = await panelOf(counter, member)
  const there = home ? await belongingsOf(world, member) : ''
  const told = await toldTo(counter)
  const sale = await sellAt(world, counter, { ...step, b })
  if (!sale || !before) return
  if (home) await round(world, counter)
  if (!(await refundSale(world, counter, sale))) throw new Error('a sale could not be refunded at once')
  if (home) {
    if (!(await isHome(world, counter))) return
    const after = await belongingsOf(world, member)
    if (after !== there) throw new Error(`a sale was undone, and ${member} had ${there} and has ${after}`)
  } else if ((await toldTo(counter)) === told) {
    const after = await panelOf(counter, member)
    if (after && shown(after) !== shown(before))
      throw new Error(`a sale was undone, and ${member} had ${shown(before)} and has ${shown(after)}`)
  }
}

/**
 * All that the server has told this counter that there is, wherever it is kept. It hears of what was done elsewhere as it
 * acquires, and then shows another amount for another reason.
 */
async function toldTo({ engine }: SimCounter): Promise<number> {
  const { rows } = await sql<{ told: number }>`
    select coalesce(sum(free + (select coalesce(sum(json_extract(value, '$.amount')), 0) from json_each(lot.held))), 0) as told
    from lot`.execute(engine.counter.db)
  return rows[0]?.told ?? 0
}

async function isHome(world: World, counter: SimCounter): Promise<boolean> {
  const sent = await round(world, counter)
  await world.server.inbox.workOff()
  const through = sent && (await round(world, counter))
  return through && counter.engine.sync.online() && counter.engine.unsynced() === 0
}

const shown = ({ points, storedValue, stamps, coupons }: MemberPanel): string =>
  JSON.stringify([
    points.total,
    storedValue.total,
    stamps.map(({ card, holding }) => [card, holding.total]),
    coupons.map(({ lot }) => lot).toSorted(),
  ])

export const UNDONE: Steps = { saleUndone: { odds: 3, run: saleUndone } }
