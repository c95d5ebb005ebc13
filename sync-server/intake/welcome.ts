/** The gift for a new member (R10): wherever they have joined, once. */
import { MemberId, type EventId } from '#core/ids.ts'
import { rootOf } from '#core/ledger/consequence/facts.ts'
import { welcomeGift } from '#core/ledger/consequence/reward.ts'
import { chunks } from '#storage/bulk.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { saveOnce } from './once.ts'

const keyOf = (member: string): string => `welcome:${member}`

export function giveWelcome(unit: Unit, member: MemberId, cause: EventId, store: string): void {
  const { now, today, programme, mint } = unit
  const gift = welcomeGift({ cause, member, now, today, programme, mint })
  if (!gift) return
  unit.decide(gift, store)
  saveOnce(unit, keyOf(member), gift.id)
}

/** The roots of those among these locked members who have been welcomed, under whichever of their ids. */
export async function welcomedAmong({ trx, facts }: Unit, members: Iterable<string>): Promise<Set<string>> {
  const ofKeys = new Map([...members].map((id) => [keyOf(id), MemberId.parse(id)]))
  const welcomed = new Set<string>()
  for (const part of chunks([...ofKeys.keys()], 1)) {
    const rows = await trx.selectFrom('consequence').select('key').where('key', 'in', part).execute()
    for (const { key } of rows) {
      const id = ofKeys.get(key)
      if (id) welcomed.add(rootOf(facts, id))
    }
  }
  return welcomed
}
