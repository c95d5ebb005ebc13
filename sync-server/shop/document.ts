/**
 * A shop as one document: stores, staff, products, programme. What it says of itself must hold together: a counter that
 * pulled a reward that no coupon is, or a zone without a clock, could not go on.
 */
import { z } from 'zod'
import { isZone } from '#core/business-date.ts'
import { ProductState, StaffState, StoreState } from '#core/contract/sync-rows.ts'
import { Programme } from '#core/loyalty/programme.ts'

type Path = (string | number)[]
type Fault = { path: Path; message: string }

const Zone = z.string().refine(isZone, {
  error: ({ input }) => `no time zone is called "${String(input)}" (one is Asia/Taipei)`,
})

export const ShopDocument = z
  .object({
    shop: z.string().min(1).max(60),
    stores: z.array(StoreState.omit({ shop: true }).extend({ zone: Zone })).min(1),
    staff: z.array(StaffState.omit({ pin: true, active: true }).extend({ pin: z.string().regex(/^\d{4,12}$/) })),
    products: z.array(ProductState.omit({ active: true })),
    programme: Programme.omit({ version: true }),
  })
  .strict()
  .check(({ value, issues }) => {
    for (const { path, message } of faultsIn(value)) issues.push({ code: 'custom', input: value, path, message })
  })
export type ShopDocument = z.infer<typeof ShopDocument>

type Read = { stores: Named[]; staff: Named[]; products: { code: string }[]; programme: Omit<Programme, 'version'> }
type Named = { id: string }

function faultsIn({ stores, staff, products, programme }: Read): Fault[] {
  const { tiers, coupons, stampCards, welcome } = programme
  const templates = new Set<string>(coupons.map(({ id }) => id))
  const ids = (named: readonly Named[]) => named.map(({ id }) => id)
  return [
    ...repeated(['stores'], 'id', ids(stores)),
    ...repeated(['staff'], 'id', ids(staff)),
    ...repeated(
      ['products'],
      'code',
      products.map(({ code }) => code),
    ),
    ...repeated(['programme', 'tiers'], 'id', ids(tiers)),
    ...repeated(['programme', 'coupons'], 'id', ids(coupons)),
    ...repeated(['programme', 'stampCards'], 'id', ids(stampCards)),
    ...unordered(tiers),
    ...stampCards.flatMap(({ reward }, n) => unnamed(['programme', 'stampCards', n, 'reward'], reward, templates)),
    ...welcome.coupons.flatMap((id, n) => unnamed(['programme', 'welcome', 'coupons', n], id, templates)),
  ]
}

const repeated = (path: Path, key: string, names: readonly string[]): Fault[] =>
  names.flatMap((name, n) =>
    names.indexOf(name) < n ? [{ path: [...path, n, key], message: `"${name}" is there already` }] : [],
  )

const unnamed = (path: Path, id: string, templates: ReadonlySet<string>): Fault[] =>
  templates.has(id) ? [] : [{ path, message: `no coupon of the programme has the id "${id}"` }]

/** Lowest first: the first is everyone's, and the highest that is reached counts. */
const unordered = (tiers: Programme['tiers']): Fault[] =>
  tiers.flatMap(({ id, spendToReach }, n) => {
    const before = tiers[n - 1]
    if (!before || before.spendToReach < spendToReach) return []
    const message = `"${id}" (${spendToReach}) must need more than "${before.id}" (${before.spendToReach}) before it`
    return [{ path: ['programme', 'tiers', n, 'spendToReach'], message }]
  })
