/** Rights coming in and going home (R2–R4). */
import { LotId, type GrantId, type MemberId } from '#core/ids.ts'
import { freeOf, heldBy, parseAccount, type Account, type Holder } from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import type { Draft } from '#core/ledger/event.ts'
import type { Part } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'

/** A grant enters this counter's chain by an event of its own, which carries the lots. */
export function acceptGrant(
  holder: Holder,
  granted: { grant: GrantId; member: MemberId; parts: readonly Part[] },
): Draft {
  return {
    kind: 'rights.acquired',
    body: { grant: granted.grant, member: granted.member, carried: granted.parts.map(({ lot }) => lot) },
    lots: [],
    transfers: grantTransfers(holder, granted.parts),
  }
}

/** What a grant moves, at the server and in its counter's chain alike: out of the free parts, into the counter's keeping. */
export const grantTransfers = (holder: Holder, parts: readonly Part[]): Transfer[] =>
  parts.map(({ lot, amount }) => ({ asset: lot.asset, from: freeOf(lot.id), to: heldBy(lot.id, holder), amount }))

export type Held = { account: Account; asset: Asset; amount: number }

/** Hands what is held back to its members' free lots, and answers recalls; null when there is nothing to say. */
export function returnRights(held: readonly Held[], recalls: readonly string[]): Draft | null {
  const transfers = held.flatMap(({ account, asset, amount }) => {
    const parts = parseAccount(account)
    if (parts.kind !== 'held' || amount <= 0) return []
    return [{ asset, from: account, to: freeOf(LotId.parse(parts.lot)), amount }]
  })
  return transfers.length === 0 && recalls.length === 0
    ? null
    : { kind: 'rights.returned', body: { recalls: [...recalls] }, lots: [], transfers }
}
