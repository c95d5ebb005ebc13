/** R8: a counter's part of what its recent visitors have, granted in one go. It learns of the grants by its next pull. */
import { v7 as uuidv7 } from 'uuid'
import { GrantId, MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { heldAt, lotsIn, rootOf, spareIn } from '#core/ledger/consequence/facts.ts'
import { shareWanted, type Stake } from '#core/loyalty/home-share.ts'
import type { HomeShare } from '#core/loyalty/programme.ts'
import { chunks } from '#storage/bulk.ts'
import { loadHoldings } from '#server/ledger/facts.repository.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { lockChain } from '#server/intake/chain.ts'
import { recordGrant } from './grants.ts'

export type ShareRequest = {
  holder: Holder
  store: string
  members: readonly MemberId[]
  /** Only by the policies for these. */
  assets?: readonly HomeShare['asset'][] | undefined
}

/** No member's share is worth a larger event. */
const LOTS_MAX = 100

/** Grants each member's share; says how many members there was something of, or null while it is being put back (R12). */
export function grantHomeShare(ledger: Ledger, request: ShareRequest): Promise<number | null> {
  return ledger.write(request.store, async (unit) => {
    const { trx, facts } = unit
    const { holder } = request
    const { closed } = await lockChain(unit, holder)
    const members = await unit.lockMembers(request.members)
    if (closed) return 0
    if (await isRestoring(trx)) return null
    await loadHoldings(trx, facts, [...members.keys()])
    const wanted = await lotsWaitedFor(unit)
    const people = new Set([...members.keys()].map((id) => rootOf(facts, MemberId.parse(id))))
    const share = [...people].map((id) => grantTo(unit, request, id, wanted))
    return share.filter((granted) => granted).length
  })
}

function grantTo(
  unit: Unit,
  { holder, store, assets }: ShareRequest,
  member: MemberId,
  wanted: ReadonlySet<string>,
): boolean {
  const { facts, programme, today } = unit
  const stakes = lotsIn(facts)
    .filter((lot) => rootOf(facts, lot.member) === member && !wanted.has(lot.id))
    .map((lot): Stake => ({ lot, own: heldAt(facts, lot, holder), free: spareIn(facts, lot) }))
  const policies = programme.homeShare.filter(({ asset }) => assets?.includes(asset) ?? true)
  const parts = shareWanted(policies, stakes, today).slice(0, LOTS_MAX)
  if (parts.length === 0) return false
  recordGrant(unit, { holder, store, grant: GrantId.parse(uuidv7()), member, parts }, { accepted: false })
  return true
}

/** Lots that have just been called back: a cashier somewhere waits for them. */
async function lotsWaitedFor({ trx, facts, now }: Unit): Promise<Set<string>> {
  const waitedFor = new Set<string>()
  for (const part of chunks([...facts.lots.keys()], 1)) {
    const rows = await trx
      .selectFrom('recall')
      .select('lot')
      .where('lot', 'in', part)
      .where('deadline', '>', now)
      .execute()
    for (const { lot } of rows) waitedFor.add(lot)
  }
  return waitedFor
}
