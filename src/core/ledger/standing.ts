/** Where a member stands: what they have spent, and the tier it has brought them (R10). One rule for counter and server. */
import { tierReached, type Programme } from '#core/loyalty/programme.ts'
import type { EventContent } from './event-body.ts'

/** `spent` is net and never below nothing; a tier is gained, and not taken away. */
export type Standing = { readonly spent: number; readonly tier: string }

/** Made-up sales that come to more must not make a member's row unreadable. */
export const MOST_SPENT = Number.MAX_SAFE_INTEGER

/** As an event of the member's leaves it. */
export function standingAfter(programme: Programme, { spent, tier }: Standing, event: EventContent): Standing {
  const now = Math.min(MOST_SPENT, Math.max(0, spent + spendingOf(event)))
  return { spent: now, tier: tierGained(programme, tier, now) ?? tier }
}

/** Of all that one person is known as: what they have spent together, and the best tier of any. */
export function standingTogether({ tiers }: Programme, all: readonly Standing[]): Standing {
  const has = new Set(all.map(({ tier }) => tier))
  return {
    spent: Math.min(
      MOST_SPENT,
      all.reduce((sum, { spent }) => sum + spent, 0),
    ),
    tier: tiers.findLast(({ id }) => has.has(id))?.id ?? all[0]?.tier ?? '',
  }
}

/** The tier that this much net spending reaches, when it is above the present one. */
export function tierGained(programme: Programme, present: string, spent: number): string | null {
  const reached = tierReached(programme, spent).id
  const rank = (id: string) => programme.tiers.findIndex((tier) => tier.id === id)
  return rank(reached) > rank(present) ? reached : null
}

/** What an event adds to its member's net spending: what was paid, less what points stood for. */
export function spendingOf(event: EventContent): number {
  if (event.kind !== 'sale.completed' && event.kind !== 'sale.refunded') return 0
  const byPoints = event.body.tenders.reduce((sum, tender) => sum + (tender.kind === 'points' ? tender.amount : 0), 0)
  const net = event.body.total - byPoints
  return event.kind === 'sale.completed' ? net : -net
}
