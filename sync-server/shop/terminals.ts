/**
 * The shop's counters as its keeper asks after them: who may do what, when each was last heard, which of its epochs are
 * open, and whose clock is wrong.
 */
import { CLOCK_TOLERANCE_MS } from '#core/contract/request-signature.ts'
import { readEvent } from '#core/ledger/event.ts'
import type { Db } from '#server/ledger/database.ts'
import { openEpochs } from '#server/intake/chain.ts'

/** One line a counter: id, store, status, name, last heard, open epochs (one, of a counter at work), what is the matter. */
export async function terminalLines(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('terminal').selectAll().orderBy('enrolled_at').execute()
  const lines: string[] = []
  for (const row of rows) {
    const heard = new Date(row.last_seen_at).toISOString()
    const open = (await openEpochs(db, row.id)).map(({ epoch }) => epoch)
    const clock = await clockOffset(db, { id: row.id, epoch: open.at(-1) ?? row.epoch })
    const matters = [row.frozen_reason, clockWords(clock)].filter((one) => one !== null)
    lines.push([row.id, row.store, row.status, row.name, heard, open.join(' '), matters.join('; ')].join('\t'))
  }
  return lines
}

/** What its clock lacked when it wrote its last event, ms. */
async function clockOffset(db: Db, terminal: { id: string; epoch: string }): Promise<number> {
  const last = await db
    .selectFrom('event')
    .select('text')
    .where('terminal', '=', terminal.id)
    .where('epoch', '=', terminal.epoch)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const read = last && readEvent(last.text)
  return read?.ok ? read.event.clockOffset : 0
}

const UNITS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
] as const

/** In the largest unit of which there are at least two. */
function clockWords(offset: number): string | null {
  const lacks = Math.abs(offset)
  if (lacks <= CLOCK_TOLERANCE_MS) return null
  const [unit, ms] = UNITS.find((one) => lacks >= 2 * one[1]) ?? UNITS[2]
  return `its clock is ${Math.round(lacks / ms)} ${unit} ${offset > 0 ? 'behind' : 'ahead'}`
}
