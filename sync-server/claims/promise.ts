/** What a claim's row says its receipt promised. */
import { z } from 'zod'
import { Amount, StampCardId } from '#core/ids.ts'
import { POINTS, stampAsset, type Asset } from '#core/ledger/asset.ts'
import type { ClaimTable } from '#storage/server-tables.ts'

const Promised = z.object({
  points: Amount,
  stamps: z.array(z.object({ card: StampCardId, count: z.number().int().positive() })),
  amount: Amount,
})
export type Promised = z.infer<typeof Promised>

export const promisedIn = (row: Pick<ClaimTable, 'promise'>): Promised => Promised.parse(JSON.parse(row.promise))

/** The assets that may wait in the claim's account. */
export const promisedAssets = ({ stamps }: Promised): Asset[] => [POINTS, ...stamps.map(({ card }) => stampAsset(card))]
