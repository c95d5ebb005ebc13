/**
 * A second opinion that shares no rule with the product: what each member must have, worked out only from what cashiers and
 * members were told. Amounts that a store has lent and amounts owed stand in for each other.
 */
export type Counted = 'points' | 'value' | 'stamp'

/** `event`: of a counter's; it counts as long as it is not lost with a disk. Null: the server's own word. */
export type Told = { member: string; asset: Counted; change: number; why: string; event: string | null }

/** A coupon used (+1) or given back (−1). */
type CouponTold = { lot: string; change: 1 | -1; event: string }

/** Points for a sale by tier, as the demo shop's poster says: one for every 100 paid, two for silver, three for gold. */
const RATE: Record<string, number> = { regular: 1, silver: 2, gold: 3 }
export const pointsFor = (tier: string, paid: number): number => Math.floor(paid / 100) * (RATE[tier] ?? Number.NaN)
export const stampsFor = (paid: number): number => (paid >= 100 ? 1 : 0)

/** What a coffee card takes. */
export const CARD_SIZE = 10
export const WELCOME_POINTS = 20

/** What is added to a top-up. */
export const bonusFor = (amount: number): number => (amount >= 5_000 ? 500 : amount >= 3_000 ? 200 : 50)

/** What is left to pay with this coupon; null where it cannot be used. */
export function priceWith(template: string, price: number): number | null {
  if (template === 'off-10') return price >= 10 ? price - Math.floor(price / 10) : null
  if (template === 'welcome-50') return price >= 200 ? price - 50 : null
  return price
}

export class Model {
  readonly told: Told[] = []
  readonly coupons: CouponTold[] = []
  /** Every event told to be done, by its id, with the machine that did it and the receipt it printed. */
  readonly done = new Map<string, { machine: string; receipt: string | null }>()
  /** Events that may be nowhere: their disk is lost, or had a twin. */
  readonly gone = new Set<string>()
  /** The sale that each refund undoes: one without the other means nothing to its member. */
  readonly undoes = new Map<string, string>()
  /** Events that gave a coupon anew. */
  readonly given: string[] = []
  /** Whom each claim was honoured for. */
  readonly claimed = new Map<string, string>()

  tell(told: Told): void {
    if (told.change !== 0) this.told.push(told)
  }

  useCoupon(lot: string, change: 1 | -1, event: string): void {
    this.coupons.push({ lot, change, event })
  }

  /** Throws when an event or a receipt number was told before; twins cannot know of each other. */
  did(event: string, machine: string, receipt: string | null, twin: boolean): void {
    if (this.done.has(event)) throw new Error(`event ${event} was told as done twice, as two different commands`)
    if (!twin && receipt !== null && [...this.done.values()].some((one) => one.receipt === receipt))
      throw new Error(`receipt ${receipt} was given twice`)
    this.done.set(event, { machine, receipt })
  }
}
