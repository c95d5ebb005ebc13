/** The ledger's one movement: a positive amount of an asset from one account to another. Nothing can be unbalanced. */
import { z } from 'zod'
import { Account } from './account.ts'
import { Asset } from './asset.ts'

export const Transfer = z
  .object({
    asset: Asset,
    from: Account,
    to: Account,
    amount: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  })
  .strict()
export type Transfer = z.infer<typeof Transfer>

/** The transfers that undo these, last first. */
export function inverse(transfers: readonly Transfer[]): Transfer[] {
  return transfers.toReversed().map(({ asset, from, to, amount }) => ({ asset, from: to, to: from, amount }))
}
