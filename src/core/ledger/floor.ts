/**
 * Floor limits (R9): while the rest of what a member has is out of reach, the store may lend what a sale lacks, within what
 * its programme allows. Syncing renews it; nothing else does.
 */
import type { StoreId } from '#core/ids.ts'
import type { FloorLimit } from '#core/loyalty/programme.ts'
import { isRisk } from './account.ts'
import type { Asset } from './asset.ts'
import type { LedgerEvent } from './event.ts'

/** How much has been lent: to this member and by this counter since its last sync, and by it today. */
export type FloorUse = { member: number; counter: number; day: number }

export const floorLeft = (limit: FloorLimit, use: FloorUse): number =>
  Math.max(
    0,
    Math.min(limit.perSale, limit.perMember - use.member, limit.perCounter - use.counter, limit.perDay - use.day),
  )

/**
 * What a store would lend a member in one sale, of each asset; the caller has looked up what is left of its limits. And what
 * it has lent them already that what is known of the server does not contain yet.
 */
export type Floor = { store: StoreId; left(asset: Asset): number; lent(asset: Asset): number }

/** What an event lends of an asset; negative when it gives it back. */
export const lentBy = ({ transfers }: Pick<LedgerEvent, 'transfers'>, asset: Asset): number =>
  transfers.reduce((sum, { asset: of, from, to, amount }) => {
    if (of !== asset) return sum
    return sum + (isRisk(from) ? amount : 0) - (isRisk(to) ? amount : 0)
  }, 0)
