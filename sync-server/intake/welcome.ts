/** The gift for a new member (R10): wherever they have joined, once. */
import type { EventId, MemberId } from '#core/ids.ts'
import { welcomeGift } from '#core/ledger/consequence/reward.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { saveOnce } from './once.ts'

export function giveWelcome(unit: Unit, member: MemberId, cause: EventId, store: string): void {
  const { now, today, programme, mint } = unit
  const gift = welcomeGift({ cause, member, now, today, programme, mint })
  if (!gift) return
  unit.decide(gift, store)
  saveOnce(unit, `welcome:${member}`, gift.id)
}
