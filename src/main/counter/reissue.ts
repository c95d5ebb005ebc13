/** Gives anew what a reversal made here has brought back after its last day (R5): as much of the same, once. */
import type { Command } from '#core/contract/terminal.ts'
import type { Done, Language } from '#core/contract/views.ts'
import { CouponCode, type EventId, type LotId, type StaffId } from '#core/ids.ts'
import { receiptOf } from '#core/ledger/event-about.ts'
import { bringsBack, planReissue, reissuedLot, reissueId } from '#core/ledger/plan/reissue.ts'
import { refuse, type Planned } from '#core/ledger/refusal.ts'
import { eventById } from '#storage/event.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import { randomId } from '#storage/random-id.ts'
import { NOTHING, run } from './commands.ts'
import type { Counter } from './counter.ts'
import { endedBy } from './refunds.ts'

/** No screen mints its id. It was first given after its refund, under that one's epoch or a later. */
export async function reissueCommand(counter: Counter, refundId: EventId, lot: LotId): Promise<Command> {
  return { id: reissueId(refundId, lot), epoch: (await refundAt(counter, refundId))?.epoch }
}

export async function reissue(
  counter: Counter,
  refundId: EventId,
  lot: LotId,
  approvedBy: StaffId | null,
): Promise<Planned<Done>> {
  const id = reissueId(refundId, lot)
  const refund = await refundAt(counter, refundId)
  const ended = refund && (await endedBy(counter, refund)).find((one) => one.lot.id === lot)
  if (!ended) return refuse({ code: 'nothingToReissue' })
  return run(counter, {
    id,
    member: refund.body.member,
    approvedBy,
    needs: NOTHING,
    async plan(context, member, { trx }) {
      if (!member) return refuse({ code: 'memberNeeded' })
      // A file put back from a backup has forgotten the event, and is told of its lot.
      if (await isKnown(trx, reissuedLot(id))) return refuse({ code: 'alreadyReissued' })
      const code = CouponCode.parse(randomId(10))
      const receipt = receiptOf(refund)?.number ?? null
      const note = NOTE[counter.settings().language](receipt)
      return planReissue(context, member.id, ended, { code, note })
    },
  })
}

const NOTE: { [language in Language]: (receipt: number | null) => string } = {
  'zh-TW': (receipt) => `補發：${receipt === null ? '取消兌換' : `退款收據 ${receipt} `}退回時已過期`,
  en: (receipt) =>
    `Issued again: had expired when ${receipt === null ? 'its redemption was undone' : `refund receipt ${receipt} returned it`}`,
}

async function refundAt({ db }: Counter, id: EventId) {
  const event = await eventById(db.$pickTables<LedgerName>(), id)
  return event && bringsBack(event) ? event : null
}

async function isKnown(db: Counter['db'], lot: LotId): Promise<boolean> {
  return (await db.selectFrom('lot').select('id').where('id', '=', lot).executeTakeFirst()) !== undefined
}
